"""Message entities (https://core.telegram.org/api/entities)."""

from collections.abc import Iterable
from typing import Any, Final

from ingestion.sources.mtproto.mapping.values import TLDict, as_iso, clean

#: Constructor → type in the archive.
TYPES: Final = {
    "MessageEntityBold": "bold",
    "MessageEntityItalic": "italic",
    "MessageEntityUnderline": "underline",
    "MessageEntityStrike": "strikethrough",
    "MessageEntityCode": "code",
    "MessageEntityPre": "pre",
    "MessageEntityUrl": "url",
    "MessageEntityTextUrl": "text_url",
    "MessageEntityEmail": "email",
    "MessageEntityPhone": "phone",
    "MessageEntityMention": "mention",
    "MessageEntityMentionName": "mention_name",
    "MessageEntityHashtag": "hashtag",
    "MessageEntityCashtag": "cashtag",
    "MessageEntityBotCommand": "bot_command",
    "MessageEntitySpoiler": "spoiler",
    "MessageEntityBlockquote": "blockquote",
    "MessageEntityCustomEmoji": "custom_emoji",
    "MessageEntityBankCard": "bank_card",
    "MessageEntityFormattedDate": "date",
}


def map_entities(
    entities: Iterable[TLDict], text: str
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Entities, links (with their scheme as written) and hashtags (without "#"), in text order.

    Offsets and lengths stay in UTF-16 code units, as Telegram counts them.
    """
    mapped: list[dict[str, Any]] = []
    links: dict[str, None] = {}
    hashtags: dict[str, None] = {}
    utf16 = b""
    for entity in entities:
        name = entity["_"]
        offset = entity["offset"]
        length = entity["length"]
        kind = TYPES.get(name, "unknown")
        out = {"type": kind, "offset": offset, "length": length}
        mapped.append(out)
        if kind == "text_url":
            out["url"] = url = clean(entity["url"])
            links[url] = None
        elif kind in {"url", "hashtag"}:
            utf16 = utf16 or text.encode("utf-16-le", "surrogatepass")
            part = utf16[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")
            if kind == "url":
                links[part] = None
            else:
                hashtags[part.removeprefix("#")] = None
        elif kind in _EXTRAS:
            _EXTRAS[kind](entity, out)
        elif kind == "unknown":
            out["tl"] = name
    links.pop("", None)
    hashtags.pop("", None)
    return mapped, list(links), list(hashtags)


def _pre(entity: TLDict, out: dict[str, Any]) -> None:
    out["language"] = clean(entity.get("language"))


def _mention_name(entity: TLDict, out: dict[str, Any]) -> None:
    out["user_id"] = str(entity["user_id"])


def _custom_emoji(entity: TLDict, out: dict[str, Any]) -> None:
    out["document_id"] = str(entity["document_id"])


def _blockquote(entity: TLDict, out: dict[str, Any]) -> None:
    if entity.get("collapsed"):
        out["collapsed"] = True


def _date(entity: TLDict, out: dict[str, Any]) -> None:
    """The moment that the words name (https://core.telegram.org/api/entities)."""
    out["date"] = as_iso(entity.get("date"))


_EXTRAS: Final = {
    "pre": _pre,
    "mention_name": _mention_name,
    "custom_emoji": _custom_emoji,
    "blockquote": _blockquote,
    "date": _date,
}
