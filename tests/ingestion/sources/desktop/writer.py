"""Writes what Telegram Desktop writes: result.json of one chat or of an account, of any size."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

WHEN = 1_777_000_000


def message(number: int, **fields: Any) -> dict[str, Any]:
    """A post as versions since 2022 write it."""
    text = fields.pop("text", f"Message {number}")
    parts = [{"type": "plain", "text": text}] if isinstance(text, str) and text else text
    return {
        "id": number,
        "type": "message",
        "date": "2026-04-24T05:06:40",
        "date_unixtime": str(WHEN + 60 * number),
        "from": "The Channel",
        "from_id": "channel1500000001",
        "text": text,
        "text_entities": parts or [],
        **fields,
    }


def chat(messages: Iterable[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """One chat's object."""
    return {
        "name": "The Channel",
        "type": "public_channel",
        "id": 1_500_000_001,
        **fields,
        "messages": list(messages),
    }


def account(*chats: dict[str, Any], left: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """A whole account's export."""
    return {
        "about": 'Here is the data you requested. "messages": [ is no list here.',
        "personal_information": {"user_id": 1, "first_name": "A", "bio": "a } { b"},
        "contacts": {"about": "…", "list": [{"user_id": 2, "first_name": "B"}]},
        "chats": {"about": "…", "list": list(chats)},
        "left_chats": {"about": "…", "list": list(left)},
    }


def write(path: Path, data: Any, *, indent: int | None = 1) -> Path:
    """As Telegram Desktop indents it, or as one line."""
    path.write_text(json.dumps(data, ensure_ascii=False, indent=indent), encoding="utf-8")
    return path


def write_large(path: Path, messages: int, *, text: str) -> Path:
    """One line, without ever holding it."""

    def parts() -> Iterator[str]:
        yield '{"name":"The Channel","type":"public_channel","id":1500000001,"messages":['
        for number in range(1, messages + 1):
            yield ("," if number > 1 else "") + json.dumps(message(number, text=text))
        yield "]}"

    with path.open("w", encoding="utf-8") as file:
        for part in parts():
            file.write(part)
    return path
