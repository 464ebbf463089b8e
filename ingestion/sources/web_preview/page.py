"""A page of the preview: the channel's own words, and the blocks of its posts.

Measured on pages of 2020–2026: about twenty posts a page, oldest first; `data-view` holds the
channel's bare id, which stands nowhere else.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingestion.errors import AccessError
from ingestion.records import ChannelKind, ChannelRecord
from ingestion.sources.marked import read_marked
from ingestion.sources.words import clean

_CHANNEL_MARK: Final = -1_000_000_000_000
_COUNT: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KMB]?)", re.IGNORECASE)
_TIMES: Final = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """`posts` are in the order of the page; `older` and `newer` say whether more is there."""

    channel: ChannelRecord
    posts: list[LexborNode]
    older: bool
    newer: bool


def parse_page(html: str, name: str) -> PreviewPage:
    """Raises `AccessError` in words where there is no channel of that name, or none to be seen."""
    tree = LexborHTMLParser(html)
    history = tree.css_first("section.tgme_channel_history")
    if history is None:
        raise _nothing_to_see(tree, name)
    posts = history.css("div.tgme_widget_message[data-post]")
    peer_id = next(filter(None, map(_peer_id, posts)), 0)
    return PreviewPage(
        channel=_channel(tree, name, peer_id),
        posts=posts,
        older=history.css_first("a.js-messages_more[data-before]") is not None,
        newer=history.css_first("a.js-messages_more[data-after]") is not None,
    )


def count_of(text: str) -> int | None:
    """What "2.38M" says: 2,380,000. None where there is no number."""
    found = _COUNT.search(text.replace("\N{NO-BREAK SPACE}", "").replace(" ", ""))
    if found is None:
        return None
    return round(float(found[1].replace(",", ".")) * _TIMES[found[2].upper()])


def view_of(post: LexborNode) -> Mapping[str, Any]:
    """What `data-view` holds: `c` is the bare id with a minus, `p` the post's id."""
    text = post.attributes.get("data-view") or ""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def _peer_id(post: LexborNode) -> int:
    bare = view_of(post).get("c")
    return _CHANNEL_MARK - abs(bare) if type(bare) is int and bare else 0


def words(node: LexborNode | None) -> str:
    """The text of an element, on one line."""
    return " ".join(clean(node.text(deep=True)).split()) if node is not None else ""


def _channel(tree: LexborHTMLParser, name: str, peer_id: int) -> ChannelRecord:
    about = tree.css_first("div.tgme_channel_info_description")
    members, kind = None, ChannelKind.BROADCAST
    for counter in tree.css("div.tgme_channel_info_counter"):
        what = words(counter.css_first("span.counter_type"))
        if what.startswith(("subscriber", "member")):
            members = count_of(words(counter.css_first("span.counter_value")))
    title = words(tree.css_first("div.tgme_channel_info_header_title")) or _meta(tree, "og:title")
    link = words(tree.css_first("div.tgme_channel_info_header_username a"))
    username = link.removeprefix("@") or name
    return ChannelRecord(
        peer_id=peer_id,
        access_hash=0,
        kind=kind,
        title=title or name,
        username=username,
        about=read_marked(about)[0] if about is not None else "",
        members=members,
        usernames=(username,),
    )


def _meta(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(f'meta[property="{name}"]')
    return clean(node.attributes.get("content")).strip() if node is not None else ""


def _nothing_to_see(tree: LexborHTMLParser, name: str) -> AccessError:
    """Names that nobody has lead to telegram.org's home page, with status 200."""
    if tree.css_first("div.tgme_page") is None:
        return AccessError(
            "PREVIEW_UNKNOWN",
            "There is no public channel @%(name)s.",
            "Check the spelling. Private channels have no preview: connect an account for them.",
            name=name,
        )
    if tree.css_first("div.tgme_page_context_link_wrap, a.tgme_action_web_button") is not None:
        return AccessError(
            "PREVIEW_OFF",
            "@%(name)s has no preview in the web: its owner has switched it off, or Telegram has.",
            "Connect an account: with one, the channel can be read.",
            name=name,
        )
    return AccessError(
        "PREVIEW_NO_CHANNEL",
        "@%(name)s is a person, a bot, a group, or a channel without a preview in the web.",
        "Connect an account: with one, public groups and channels can be read.",
        name=name,
    )
