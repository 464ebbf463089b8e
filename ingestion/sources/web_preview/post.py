"""One block of the preview → messages: an album is one block, and several messages."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from selectolax.lexbor import LexborNode

from ingestion.records import MessageRecord
from ingestion.sources.marked import read_marked
from ingestion.sources.unmappable import unmappable
from ingestion.sources.web_preview.media import (
    link_preview,
    map_item,
    map_media,
    media_links,
    poll_votes,
)
from ingestion.sources.web_preview.page import count_of, words
from ingestion.sources.words import clean, links_of

_POST: Final = re.compile(r"/(\d+)(?:\?|$)")
#: English sentences of service blocks → `media_meta["action"]`.
_ACTIONS: Final = (
    ("Channel created", "channel_create"),
    ("Channel photo removed", "chat_delete_photo"),
    ("Channel photo", "chat_edit_photo"),
    ("Channel name was changed", "chat_edit_title"),
    ("Live stream scheduled", "group_call_scheduled"),
    ("Live stream", "group_call"),
    ("Voice chat", "group_call"),
)


def post_id(post: LexborNode) -> int | None:
    """The id of a block: of an album that of its first message."""
    found = _POST.search(post.attributes.get("data-post") or "")
    return int(found[1]) if found else None


def map_post(post: LexborNode) -> list[MessageRecord]:
    """The messages of a block, oldest first; only the first of an album has the words.

    Raises `DataError`, and nothing else, for what cannot be read.
    """
    try:
        return _map(post)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise unmappable(error) from error


def _map(post: LexborNode) -> list[MessageRecord]:
    number = post_id(post)
    when = post.css_first("a.tgme_widget_message_date time[datetime], time[datetime]")
    if number is None or when is None:
        raise ValueError("the block has no id or no date")
    date = datetime.fromisoformat(when.attributes.get("datetime") or "").astimezone(UTC)
    items = post.css("div.tgme_widget_message_grouped a.grouped_media_wrap")
    first = _single(post, number, date)
    ids = [_item_id(item) or number + place for place, item in enumerate(items)]
    if len(ids) < 2:
        return [first]
    # Telegram's own number of the album is not told: that of its first message stands for it.
    album = [_in_album(first, item, one, ids[0]) for item, one in zip(items, ids, strict=True)]
    return sorted(album, key=lambda record: record.message_id)


def _item_id(item: LexborNode) -> int | None:
    found = _POST.search(item.attributes.get("href") or "")
    return int(found[1]) if found else None


def _in_album(first: MessageRecord, item: LexborNode, number: int, group: int) -> MessageRecord:
    kind, meta = map_item(item)
    leads = number == group
    return MessageRecord(
        message_id=number,
        date=first.date,
        edit_date=None,
        sender_id="",
        author=first.author,
        text=first.text if leads else "",
        entities=first.entities if leads else [],
        kind=kind,
        media_meta=meta,
        reply_to=first.reply_to,
        forward=first.forward,
        grouped_id=group,
        topic_id=None,
        links=first.links if leads else [],
        hashtags=first.hashtags if leads else [],
        views=first.views,
        forwards=None,
        replies=None,
        reactions=first.reactions if leads else {},
        raw=first.raw if leads else {"post": number, "album": group, "media": meta},
        attached=first.attached if leads else None,
    )


def _single(post: LexborNode, number: int, date: datetime) -> MessageRecord:
    bubble = post.css_first("div.tgme_widget_message_bubble") or post
    kind, meta, attached = _content(post, bubble)
    body = bubble.css_first("div.js-message_text")
    text, entities = read_marked(body) if body is not None and kind != "service" else ("", [])
    links, hashtags = links_of(text, entities) if entities else ([], [])
    author = words(post.css_first("span.tgme_widget_message_from_author"))
    views = words(post.css_first("span.tgme_widget_message_views"))
    if _is_edited(post):
        attached["edited"] = True
    buttons = _buttons(post)
    if buttons:
        attached["buttons"] = buttons
    reply, forward, reactions = _reply(bubble), _forward(bubble), _reactions(post)
    return MessageRecord(
        message_id=number,
        date=date,
        edit_date=None,
        sender_id="",
        author=author,
        text=text,
        entities=entities,
        kind=kind,
        media_meta=meta or None,
        reply_to=reply,
        forward=forward,
        grouped_id=None,
        topic_id=None,
        links=links,
        hashtags=hashtags,
        views=count_of(views) if views else None,
        forwards=None,
        replies=None,
        reactions=reactions,
        raw={
            "post": post.attributes.get("data-post"),
            "date": date.isoformat(),
            "views": views,
            "signature": author,
            "text_html": clean(body.html) if body is not None else "",
            "media": meta,
            "media_links": media_links(bubble),
            "reply_to": reply,
            "forward": forward,
            "reactions": reactions,
            "attached": attached,
        },
        attached=attached or None,
    )


def _content(post: LexborNode, bubble: LexborNode) -> tuple[str, Mapping[str, Any], dict[str, Any]]:
    """Kind, `media_meta` and what is attached."""
    if "service_message" in (post.attributes.get("class") or "").split():
        said = words(bubble.css_first("div.js-message_text"))
        return "service", _action(said), {}
    kind, meta = map_media(bubble)
    attached: dict[str, Any] = {}
    if kind in {"poll", "quiz"}:
        votes = poll_votes(bubble)
        if votes:
            attached["poll"] = votes
    if kind == "text":
        page, preview = link_preview(bubble)
        meta = page or {}
        if preview:
            attached["preview"] = preview
    return kind, meta, attached


def _action(said: str) -> dict[str, Any]:
    name = next((name for start, name in _ACTIONS if said.startswith(start)), "")
    if not name:
        name = "pin_message" if " pinned " in f" {said} " else "custom_action"
    action: dict[str, Any] = {"type": "service", "action": name}
    if name == "chat_edit_title" and "«" in said:
        action["title"] = said.partition("«")[2].rpartition("»")[0]
    elif name == "custom_action":
        action["message"] = said
    return action


def _is_edited(post: LexborNode) -> bool:
    """The page says that it was, and not when."""
    return "edited" in words(post.css_first("span.tgme_widget_message_meta")).split()


def _reply(bubble: LexborNode) -> dict[str, Any] | None:
    link = bubble.css_first("a.tgme_widget_message_reply")
    found = _POST.search(link.attributes.get("href") or "") if link is not None else None
    return {"message_id": int(found[1])} if found else None


def _forward(bubble: LexborNode) -> dict[str, Any] | None:
    box = bubble.css_first(".tgme_widget_message_forwarded_from")
    if box is None:
        return None
    name = box.css_first(".tgme_widget_message_forwarded_from_name")
    forward: dict[str, Any] = {"from_name": words(name)}
    link = name.attributes.get("href") if name is not None else ""
    if found := _POST.search(link or ""):
        forward["channel_post"] = int(found[1])
    author = words(box.css_first(".tgme_widget_message_forwarded_from_author"))
    if author:
        forward["post_author"] = author
    return {key: value for key, value in forward.items() if value}


def _reactions(post: LexborNode) -> dict[str, int]:
    """They stand before or after the footer."""
    found: dict[str, int] = {}
    for item in post.css("span.tgme_reaction"):
        if "tgme_reaction_paid" in (item.attributes.get("class") or "").split():
            name = "paid"
        elif (custom := item.css_first("tg-emoji")) is not None:
            name = f"custom:{custom.attributes.get('emoji-id') or ''}"
        else:
            name = words(item.css_first("i.emoji b") or item.css_first("i.emoji"))
        shown = words(item)
        count = count_of(shown.removeprefix(name))
        if count is not None:
            found[name] = found.get(name, 0) + count
    return found


def _buttons(post: LexborNode) -> list[list[dict[str, str]]]:
    return [
        [
            {"text": words(button), "type": "url", "url": clean(button.attributes.get("href"))}
            for button in row.css("a.tgme_widget_message_inline_button")
        ]
        for row in post.css("div.tgme_widget_message_inline_row")
    ]
