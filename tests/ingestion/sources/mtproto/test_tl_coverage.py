"""Every constructor that Telethon knows is mapped, or on a written list of what is kept raw.

A newer Telethon with new constructors makes these tests fail: decide then, do not delete.
"""

import dataclasses
from typing import Any

import pytest
from telethon.tl import types

from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping import actions, entities, map_message, media
from tests.ingestion.sources.mtproto.samples import (
    byte_lists,
    constructors,
    filled,
    message,
    service,
    stored,
    walk,
)

MEDIA = constructors("MessageMedia")
ENTITIES = [*constructors("MessageEntity"), types.InputMessageEntityMentionName]
ACTIONS = constructors("MessageAction")


def name(constructor: type) -> str:
    return constructor.__name__


def test_every_media_is_mapped_or_listed() -> None:
    assert {name(one) for one in MEDIA} == set(media.MAPPERS) | media.KEPT_RAW
    assert not set(media.MAPPERS) & media.KEPT_RAW


def test_every_entity_is_mapped_or_listed() -> None:
    assert {name(one) for one in ENTITIES} == set(entities.TYPES) | entities.KEPT_RAW
    assert not set(entities.TYPES) & entities.KEPT_RAW


def test_every_action_is_mapped_or_listed() -> None:
    known = {f"MessageAction{one}" for one in set(actions.FIELDS) | actions.KEPT_RAW}
    assert {name(one) for one in ACTIONS} == known
    assert not set(actions.FIELDS) & actions.KEPT_RAW


@pytest.mark.parametrize("constructor", ACTIONS, ids=name)
def test_fields_of_actions_exist(constructor: type) -> None:
    older = {"user_id", "months", "emoticon"}  # of layers before Telethon's
    fields = actions.FIELDS.get(name(constructor).removeprefix("MessageAction"), ())
    assert set(fields) - older <= set(filled(constructor).to_dict())


def variants(raw: dict[str, Any]) -> list[MessageRecord]:
    """Return the record by each way that the raw one may come."""
    forms = (raw, stored(raw), byte_lists(raw))
    return [dataclasses.replace(map_message(form), raw={}) for form in forms]


def assert_sound(first: dict[str, Any], second: dict[str, Any], kind: str | None = None) -> None:
    live, from_jsonb, from_lists = variants(first)
    assert live == from_jsonb == from_lists
    again = map_message(second)
    assert again.content_hash() == live.content_hash() == from_jsonb.content_hash()
    shown = dataclasses.asdict(live) | {"raw": None}
    assert not any(isinstance(leaf, bytes) or "\0" in str(leaf) for leaf in walk(shown))
    assert kind is None or live.kind == kind


@pytest.mark.parametrize("constructor", MEDIA, ids=name)
def test_full_media(constructor: type) -> None:
    both = [message(media=filled(constructor, seed)) for seed in (1, 2)]
    kind = "unknown" if name(constructor) in media.KEPT_RAW else None
    assert_sound(both[0], both[1], kind)
    meta = map_message(both[0]).media_meta
    assert meta is None or meta["type"]


@pytest.mark.parametrize("constructor", ACTIONS, ids=name)
def test_full_action(constructor: type) -> None:
    both = [service(filled(constructor, seed)) for seed in (1, 2)]
    assert_sound(both[0], both[1], "service")
    meta = map_message(both[0]).media_meta
    assert meta is not None
    assert meta["type"] == "service"
    assert meta["action"] == meta["action"].lower()


@pytest.mark.parametrize("constructor", ENTITIES, ids=name)
def test_full_entity(constructor: type) -> None:
    both = [message(message="x" * 100, entities=[filled(constructor, s)]) for s in (1, 2)]
    assert_sound(both[0], both[1], "text")
    (entity,) = map_message(both[0]).entities
    expected = entities.TYPES.get(name(constructor), "unknown")
    assert (entity["type"], entity["length"]) == (expected, 46)


def test_full_message() -> None:
    both = [filled(types.Message, seed).to_dict() for seed in (1, 2)]
    assert_sound(both[0], both[1])


def test_unknown_constructors_are_kept() -> None:
    raw = message(message="text", media=types.MessageMediaUnsupported())
    raw["media"] = {"_": "MessageMediaOfTomorrow", "thing": 1}
    raw["entities"] = [{"_": "MessageEntityOfTomorrow", "offset": 0, "length": 2, "thing": 1}]
    record = map_message(raw)
    assert record.kind == "unknown"
    assert record.media_meta == {"type": "unknown", "tl": "MessageMediaOfTomorrow"}
    assert record.entities == [
        {"type": "unknown", "offset": 0, "length": 2, "tl": "MessageEntityOfTomorrow"}
    ]
    assert record.text == "text"
    future = map_message({**message(), "_": "MessageOfTomorrow"})
    assert future.kind == "unknown"
    action = map_message({**message(), "_": "MessageService", "action": {"_": "MessageActionNew"}})
    assert action.media_meta == {"type": "service", "action": "new"}
