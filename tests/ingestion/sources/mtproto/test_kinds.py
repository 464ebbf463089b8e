"""One message of every kind, read over a socket, and equal to the truth in every field."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping import actions, map_message, media
from ingestion.sources.mtproto.mapping.entities import TYPES
from sandbox.testing import SandboxProcess
from tests.ingestion.sources.mtproto import kinds_truth
from tests.ingestion.sources.mtproto.conftest import Telegram
from tests.ingestion.sources.mtproto.kinds_media_truth import media_of
from tests.ingestion.sources.mtproto.samples import stored
from tests.ingestion.sources.mtproto.test_fidelity import read_all

WORLD = {
    "channels": [
        {"id": 1_500_000_101, "username": "every_kind", "title": "Kinds", "kind": "supergroup",
         "generate": {"kinds": True, "messages": 0, "people": 8}},
    ]
}  # fmt: skip
#: What Telegram measures when it stores a file, and what is drawn of it.
MEASURED = {"size", "width", "height", "thumb"}

Pair = tuple[dict[str, Any], MessageRecord]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "world.json").write_text(json.dumps(WORLD))
    with SandboxProcess(folder / "sandbox", world=folder / "world.json") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def truth(kinds: SandboxProcess) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = kinds.truth("@every_kind")["messages"]
    return messages


@pytest.fixture
async def pairs(kinds: SandboxProcess, truth: list[dict[str, Any]]) -> list[Pair]:
    telegram = Telegram(kinds)
    found = await read_all(telegram, telegram.cards[0])
    assert sorted(found) == [message["id"] for message in truth]
    return [(message, found[message["id"]]) for message in truth]


async def test_every_field_is_what_was_sent(pairs: list[Pair]) -> None:
    for message, record in pairs:
        kind, meta, attached = media_of(message["media"])
        if message["action"]:
            kind, meta = "service", kinds_truth.service_of(message["action"])
        attached |= kinds_truth.extras_of(message)
        edited = message["edit_date"]
        assert {
            "id": record.message_id,
            "date": record.date,
            "edit_date": record.edit_date,
            "edit_hidden": record.edit_hidden,
            "sender_id": record.sender_id,
            "text": record.text,
            "entities": record.entities,
            "kind": record.kind,
            "meta": as_sent(record.media_meta, meta),
            "reply": as_sent(record.reply_to, kinds_truth.reply_of(message["reply"])),
            "forward": record.forward,
            "grouped_id": record.grouped_id,
            "views": record.views,
            "forwards": record.forwards,
            "replies": record.replies,
            "reactions": record.reactions,
            "attached": as_sent(record.attached, attached),
        } == {
            "id": message["id"],
            "date": datetime.fromisoformat(message["date"]),
            "edit_date": datetime.fromisoformat(edited) if edited else None,
            "edit_hidden": message["edit_hide"],
            "sender_id": str(message["sender_id"]),
            "text": message["text"],
            "entities": kinds_truth.entities_of(message["entities"]),
            "kind": kind,
            "meta": meta,
            "reply": kinds_truth.reply_of(message["reply"]),
            "forward": kinds_truth.forward_of(message["forward"]),
            "grouped_id": message["grouped_id"],
            "views": message["views"],
            "forwards": message["forwards"],
            "replies": message["replies"],
            "reactions": dict(message["reactions"]),
            "attached": attached,
        }


def as_sent(have: Any, want: Any) -> Any:
    """The same without what Telegram measured by itself and the truth does not name."""
    if isinstance(have, dict) and isinstance(want, dict):
        picture = have.get("type") == "photo"  # scaled down
        return {
            name: want[name]
            if picture and name in MEASURED and name in want
            else as_sent(value, want.get(name))
            for name, value in have.items()
            if name in want or name not in MEASURED
        }
    if isinstance(have, list) and isinstance(want, list) and len(have) == len(want):
        return [as_sent(a, b) for a, b in zip(have, want, strict=True)]
    return {} if have is None and want == {} else have


async def test_the_channel_has_every_kind(pairs: list[Pair]) -> None:
    """What is mapped is met at least once: an untested mapper would be a promise only."""
    raws = [record.raw for _, record in pairs]
    met_media = {raw["media"]["_"] for raw in raws if raw.get("media")}
    raw_only = {"MessageMediaUnsupported", "MessageMediaVideoStream"}
    assert met_media == set(media.MAPPERS) - {"MessageMediaEmpty"} | raw_only
    met_entities = {one["_"] for raw in raws for one in raw.get("entities") or ()}
    assert met_entities == {*TYPES, "MessageEntityUnknown"}
    met_actions = {
        raw["action"]["_"].removeprefix("MessageAction") for raw in raws if "action" in raw
    }
    assert met_actions == set(actions.FIELDS)
    assert {record.kind for _, record in pairs} == KINDS


KINDS = {
    "text", "photo", "video", "round_video", "animation", "voice", "audio", "document", "sticker",
    "poll", "quiz", "todo", "geo", "live_location", "venue", "contact", "game", "dice", "story",
    "invoice", "giveaway", "paid_media", "service", "unknown",
}  # fmt: skip


async def test_two_answers_and_the_stored_form_have_the_same_hashes(
    kinds: SandboxProcess, pairs: list[Pair]
) -> None:
    telegram = Telegram(kinds)
    again = await read_all(telegram, telegram.cards[0])
    for _, record in pairs:
        other = again[record.message_id]
        assert other.content_hash() == record.content_hash()
        assert other.counters_hash() == record.counters_hash()
        assert map_message(stored(dict(record.raw))).content_hash() == record.content_hash()
