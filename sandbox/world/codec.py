"""The model as plain JSON values and back, for the journal and for world files."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.world.model import Account, Action, Entity, Forward, Media, Message, Reply, User

if TYPE_CHECKING:
    from collections.abc import Mapping

_NESTED = {"reply": Reply, "forward": Forward, "media": Media, "action": Action, "origin": Forward}
_ENTITIES = {"entities", "quote_entities"}


def plain(value: Any) -> dict[str, Any]:
    """A model object as a dict of JSON values; fields that hold their default stay out."""
    out: dict[str, Any] = {}
    for item in fields(value):
        content = getattr(value, item.name)
        if item.default is not MISSING and content == item.default:
            continue
        if item.name in _NESTED:
            content = plain(content)
        elif item.name in _ENTITIES:
            content = [plain(entity) for entity in content]
        out[item.name] = content
    return out


def unix(value: Any) -> int:
    """A date of a world file: Unix seconds, or ISO 8601 with its offset."""
    return int(datetime.fromisoformat(value).timestamp()) if isinstance(value, str) else int(value)


def message(data: Mapping[str, Any]) -> Message:
    """A message out of its JSON form."""
    values = dict(data)
    for name, kind in _NESTED.items():
        if values.get(name) is not None:
            values[name] = _make(kind, values[name])
    values["entities"] = tuple(_make(Entity, item) for item in values.get("entities") or ())
    values["reactions"] = tuple(
        (emoji, int(count)) for emoji, count in values.get("reactions") or ()
    )
    values["date"] = unix(values["date"])
    if values.get("edit_date") is not None:
        values["edit_date"] = unix(values["edit_date"])
    return Message(**values)


def user(data: Mapping[str, Any]) -> User:
    return User(**data)


def account(data: Mapping[str, Any]) -> Account:
    return Account(**data)


def _make(kind: Any, data: Mapping[str, Any]) -> Any:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    if kind is Forward:
        values["date"] = unix(values["date"])
    if kind is Reply:
        for name in ("origin", "media"):
            if values.get(name) is not None:
                values[name] = _make(_NESTED[name], values[name])
        values["quote_entities"] = tuple(
            _make(Entity, item) for item in values.get("quote_entities") or ()
        )
    return kind(**values)
