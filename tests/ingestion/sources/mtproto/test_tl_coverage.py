"""Every constructor that Telethon knows is mapped, or on a written list of what is kept raw.

A newer Telethon with new constructors makes these tests fail: decide then, do not delete.
"""

import dataclasses
import inspect
from typing import Any

import pytest
from telethon.tl import types

from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping import (
    actions,
    entities,
    files,
    headers,
    kept_raw,
    map_message,
    media,
)
from ingestion.sources.mtproto.mapping.message import FIELDS as MESSAGE_FIELDS
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


def fields_of(constructor: type) -> set[str]:
    return {one for one in inspect.signature(constructor).parameters if one != "self"}


#: What is mapped, what is kept raw with its reason, and all that Telethon knows.
TABLES: dict[str, tuple[set[str], kept_raw.Reasons, set[str]]] = {
    "media": (set(media.MAPPERS), kept_raw.MEDIA, {name(one) for one in MEDIA}),
    "entities": (set(entities.TYPES), kept_raw.ENTITIES, {name(one) for one in ENTITIES}),
    "actions": (
        set(actions.FIELDS),
        kept_raw.ACTIONS,
        {name(one).removeprefix("MessageAction") for one in ACTIONS},
    ),
    "document attributes": (
        set(files.ATTRIBUTES),
        kept_raw.DOCUMENT_ATTRIBUTES,
        {name(one) for one in constructors("DocumentAttribute")},
    ),
    "reactions": (
        set(headers.REACTIONS),
        kept_raw.REACTIONS,
        {
            name(one)
            for one in (*constructors("ReactionE"), *constructors("ReactionC"), types.ReactionPaid)
        }
        - {"ReactionCount"},
    ),
    "sticker sets": (
        {"InputStickerSetID"},
        kept_raw.STICKER_SETS,
        {name(one) for one in constructors("InputStickerSet")}
        - {"InputStickerSetItem", "InputStickerSetThumb"},  # of other types
    ),
    "fields of messages": (
        set(MESSAGE_FIELDS),
        kept_raw.MESSAGE,
        {*fields_of(types.Message), *fields_of(types.MessageService)},
    ),
    "fields of forwards": (
        set(headers.FORWARD_FIELDS),
        kept_raw.FORWARD,
        fields_of(types.MessageFwdHeader),
    ),
    "fields of replies": (
        set(headers.REPLY_FIELDS),
        kept_raw.REPLY,
        fields_of(types.MessageReplyHeader) | fields_of(types.MessageReplyStoryHeader),
    ),
}


@pytest.mark.parametrize("table", TABLES)
def test_everything_is_mapped_or_kept_raw_for_a_reason(table: str) -> None:
    mapped, raw, known = TABLES[table]
    assert mapped | set(raw) == known
    assert not mapped & set(raw)
    assert all(len(reason) > 10 for reason in raw.values())


def test_forwards_and_replies_have_no_other_constructors() -> None:
    assert constructors("MessageFwdHeader") == [types.MessageFwdHeader]
    assert constructors("MessageReply") == [types.MessageReplyHeader, types.MessageReplyStoryHeader]


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
    kind = "unknown" if name(constructor) in kept_raw.MEDIA else None
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
