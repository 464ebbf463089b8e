"""Archives that other people made with Telethon, from 2020 on, as stored raw records.

What the records must hold is read from the raw ones here, without the mapper's help.
"""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping import map_message

pytestmark = pytest.mark.real_data

FILES = {
    "gotsulyakk__neuro-regionality__channel_messages.json": 1941,
    "AlexTrigolos__spb__channel_messages.json": 655,
    "subodh2604__channels_messages__polls-only.json": 622,
}

Pairs = list[tuple[dict[str, Any], MessageRecord]]


@pytest.fixture(scope="module", params=FILES, ids=lambda name: str(name).partition("__")[0])
def pairs(request: pytest.FixtureRequest, real_data: Path) -> Pairs:
    text = (real_data / "telethon_dicts" / request.param).read_text()
    found = [(raw, map_message(raw)) for raw in json.loads(text)]
    assert len(found) == FILES[request.param]
    return found


def test_ids_dates_and_texts(pairs: Pairs) -> None:
    for raw, record in pairs:
        assert record.message_id == raw["id"]
        assert record.date == datetime.fromisoformat(raw["date"])
        assert record.text == raw.get("message", "")
        edited = raw.get("edit_date")
        assert record.edit_date == (datetime.fromisoformat(edited) if edited else None)


def test_counters(pairs: Pairs) -> None:
    for raw, record in pairs:
        assert record.views == raw.get("views")
        assert record.forwards == raw.get("forwards")
        replies = raw.get("replies")
        assert record.replies == (replies["replies"] if replies else None)


def test_people(pairs: Pairs) -> None:
    for raw, record in pairs:
        sender = raw.get("from_id")
        if isinstance(sender, dict):
            sender = sender.get("user_id") or f"-100{sender['channel_id']:010d}"
        assert record.sender_id == str(sender or "")
        assert record.author == (raw.get("post_author") or "")


def test_replies_forwards_and_albums(pairs: Pairs) -> None:
    for raw, record in pairs:
        header = raw.get("reply_to")
        answered = header["reply_to_msg_id"] if header else raw.get("reply_to_msg_id")
        assert (record.reply_to or {}).get("message_id") == answered
        assert record.grouped_id == raw.get("grouped_id")
        origin = raw.get("fwd_from")
        assert bool(record.forward) == bool(origin)
        if origin and record.forward:
            assert record.forward.get("channel_post") == origin["channel_post"]
            assert record.forward["date"] == origin["date"]


def test_entities(pairs: Pairs) -> None:
    for raw, record in pairs:
        entities = raw.get("entities") or []
        spans = [(entity["offset"], entity["length"]) for entity in entities]
        assert [(entity["offset"], entity["length"]) for entity in record.entities] == spans
        urls = {entity["url"] for entity in entities if "url" in entity}
        assert urls <= set(record.links)
        assert not any(entity["type"] == "unknown" for entity in record.entities)
        if record.text.isascii():  # one code unit a character
            for entity in entities:
                part = record.text[entity["offset"] :][: entity["length"]]
                if entity["_"] == "MessageEntityHashtag":
                    assert part[1:] in record.hashtags


def expected_kind(raw: dict[str, Any]) -> str:
    if raw["_"] == "MessageService":
        return "service"
    media = raw["media"] or {"_": ""}
    if media["_"] == "MessageMediaPhoto":
        return "photo"
    if media["_"] == "MessageMediaPoll":
        return "quiz" if media["poll"]["quiz"] else "poll"
    if media["_"] != "MessageMediaDocument":
        return "text"
    names = {attribute["_"] for attribute in media["document"]["attributes"]}
    if "DocumentAttributeAnimated" in names:
        return "animation"
    return "video" if "DocumentAttributeVideo" in names else "document"


def test_kinds(pairs: Pairs) -> None:
    found = Counter(record.kind for _, record in pairs)
    assert found == Counter(expected_kind(raw) for raw, _ in pairs)
    assert "unknown" not in found


def test_media_are_identified(pairs: Pairs) -> None:
    for raw, record in pairs:
        media = raw.get("media")
        if not media:
            continue
        holder = next(
            media[key] for key in ("photo", "document", "poll", "webpage") if key in media
        )
        meta = record.media_meta or {}
        assert meta["id"] == str(holder["id"])
        if "poll" in media:
            assert meta["question"] == holder["question"]
            assert [one["text"] for one in meta["answers"]] == [
                one["text"] for one in holder["answers"]
            ]
        for size in holder.get("sizes") or ():
            if "w" in size:
                assert meta["width"] >= size["w"]


def test_raw_records_come_back_whole(pairs: Pairs) -> None:
    for raw, record in pairs:
        assert json.loads(record.raw_json()) == raw
        again = map_message(json.loads(record.raw_json()))
        assert again == record
        assert again.content_hash() == record.content_hash()


def test_hashes_tell_the_messages_apart(pairs: Pairs) -> None:
    fields = ("message", "media", "action", "entities", "reply_to", "fwd_from")
    contents = {json.dumps([raw.get(field) for field in fields]) for raw, _ in pairs}
    assert len({record.content_hash() for _, record in pairs}) >= len(contents) * 0.99
