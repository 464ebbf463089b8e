"""One block of Telegram Desktop's HTML export, mapped.

The structure is that which Telegram Desktop writes (its `export_output_html.cpp`); it says less than
the JSON: no ids of people, no edits, times to the second.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final

from selectolax.lexbor import LexborNode

from ingestion.records import MessageRecord
from ingestion.sources.desktop.html_media import map_media, read_poll
from ingestion.sources.marked import read_marked
from ingestion.sources.unmappable import unmappable
from ingestion.sources.words import clean, links_of

#: `05.09.2018 16:42:32`, since 2021 followed by ` UTC+05:30`.
_DATE: Final = re.compile(
    r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d):(\d\d)(?: UTC([+-])(\d\d):?(\d\d))?"
)
_ANSWERED: Final = re.compile(r"go_to_message(\d+)")
_ID: Final = re.compile(r"message(-?\d+)")
_INDENT: Final = re.compile(r"\s*\n\s*")
_VIA: Final = re.compile(r" via @\w+$")


def message_id(block: LexborNode) -> int | None:
    """The id of a block; date separators have negative ones."""
    found = _ID.fullmatch(block.attributes.get("id") or "")
    return int(found[1]) if found else None


def map_block(block: LexborNode, *, author: str, title: str, zone: tzinfo = UTC) -> MessageRecord:
    """A message's block. `author` is that of the blocks before, for one that is joined to them;
    the channel's own `title` is nobody's name.

    Raises `DataError`, and nothing else, for what cannot be read.
    """
    try:
        return _map(block, author, title, zone)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise unmappable(error) from error


def author_of(block: LexborNode) -> str | None:
    """Whose name stands over the block; None for a joined one."""
    name = block.css_first("div.body > div.from_name")
    if name is None or _within_forward(name):
        return None
    return _VIA.sub("", clean(name.text(deep=True)).strip())


def _within_forward(name: LexborNode) -> bool:
    parent = name.parent
    return parent is not None and "forwarded" in (parent.attributes.get("class") or "").split()


def _map(block: LexborNode, author: str, title: str, zone: tzinfo) -> MessageRecord:
    number = message_id(block)
    when = block.css_first("div.body > div.date.details")
    if number is None or when is None:
        raise ValueError("the block has no id or no date")
    kind, meta = map_media(block)
    words = block.css_first("div.text")
    text, entities = read_marked(words) if words is not None else ("", [])
    links, hashtags = links_of(text, entities) if entities else ([], [])
    signature = block.css_first("div.signature.details")
    forward, reply, reactions = _forward(block, zone), _reply(block), _reactions(block)
    standing = author
    if signature is not None:
        author = clean(signature.text(deep=True)).strip()
    elif author == title:
        author = ""
    written = when.attributes.get("title") or ""
    return MessageRecord(
        message_id=number,
        date=_moment(written, zone),
        edit_date=None,
        sender_id="",
        author=author,
        text=text,
        entities=entities,
        kind=kind,
        media_meta=meta,
        reply_to=reply,
        forward=forward,
        grouped_id=None,
        topic_id=None,
        links=links,
        hashtags=hashtags,
        views=None,
        forwards=None,
        replies=None,
        reactions=reactions,
        raw={
            "id": number,
            "date": written,
            "from": standing,
            "signature": author if signature is not None else "",
            "text_html": _html(words),
            "media_html": _html(block.css_first("div.media_wrap")) if kind != "contact" else "",
            "media": meta,
            "forward": forward,
            "reply_to": reply,
            "reactions": reactions,
        },
        attached=read_poll(block),
    )


def _html(node: LexborNode | None) -> str:
    """What stood there, without the lines' indents."""
    return _INDENT.sub("\n", clean(node.html)) if node is not None else ""


def _moment(text: str, zone: tzinfo) -> datetime:
    found = _DATE.search(text)
    if found is None:
        raise ValueError(f"{text!r} is no date")
    day, month, year, hour, minute, second = (int(part) for part in found.groups()[:6])
    if found[7]:
        offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
        zone = timezone(-offset if found[7] == "-" else offset)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def _reply(block: LexborNode) -> dict[str, Any] | None:
    """The id stands in the link, which may lead to another page of the export."""
    link = block.css_first("div.reply_to a")
    if link is None:
        return None
    found = _ANSWERED.search(link.attributes.get("href") or "")
    return {"message_id": int(found[1])} if found else None


def _forward(block: LexborNode, zone: tzinfo) -> dict[str, Any] | None:
    body = block.css_first("div.forwarded.body")
    if body is None:
        return None
    name = body.css_first("div.from_name")
    if name is None:
        return {}
    forward: dict[str, Any] = {}
    when = name.css_first("span.details")
    if when is not None:
        # Older pages have it as text alone.
        written = when.attributes.get("title") or when.text(deep=True)
        if _DATE.search(written):
            forward["date"] = _moment(written, zone).isoformat()
        when.decompose()
    source = _VIA.sub("", clean(name.text(deep=True)).strip())
    if source:
        forward["from_name"] = source
    return forward


def _reactions(block: LexborNode) -> dict[str, int]:
    """Where few reacted, their pictures stand in place of a count."""
    found: dict[str, int] = {}
    for item in block.css("span.reaction"):
        count = item.css_first("span.count")
        written = re.sub(r"\D", "", count.text(deep=True)) if count is not None else ""
        number = int(written) if written else max(len(item.css("div.userpic, img.userpic")), 1)
        emoji = item.css_first("span.emoji")
        if "paid" in (item.attributes.get("class") or "").split():
            name = "paid"
        elif emoji is None or emoji.css_first("a, img"):
            name = "custom:"
        else:
            name = clean(emoji.text(deep=True)).strip()
        found[name] = found.get(name, 0) + number
    return found
