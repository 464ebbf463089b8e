"""Whole channels, read over a socket and compared with the sandbox's own account of them."""

from datetime import datetime
from typing import Any

import pytest

from ingestion.records import MessageRecord
from tests.ingestion.sources.mtproto.conftest import Telegram, address_of

#: The sandbox's words for kinds, where ours differ.
KINDS = {"webpage": "text", "round": "round_video"}


async def read_all(telegram: Telegram, card: dict[str, Any]) -> dict[int, MessageRecord]:
    found: dict[int, MessageRecord] = {}
    async with telegram.connect() as session:
        address = await address_of(session, card)
        low, high = card["available_min_id"] + 1, None
        while high is None or high >= low:
            page = await session.page(address, low=low, high=high)
            assert not page.unparsed
            found.update((record.message_id, record) for record in page.records)
            high = page.low - 1
    return found


def when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize("number", range(8))
async def test_every_message_arrives_as_it_is(telegram: Telegram, number: int) -> None:
    card = telegram.cards[number]
    truth = telegram.sandbox.truth(card["id"])
    found = await read_all(telegram, card)
    visible = [message for message in truth["messages"] if not message["hidden"]]
    assert sorted(found) == [message["id"] for message in visible]
    for expected in visible:
        assert_equal(found[expected["id"]], expected)


def assert_equal(record: MessageRecord, expected: dict[str, Any]) -> None:
    assert record.date == when(expected["date"])
    assert record.edit_date == when(expected["edit_date"])
    assert record.edit_hidden == expected["edit_hide"]
    assert record.text == expected["text"]
    assert list(record.entities) == [entity(one) for one in expected["entities"]]
    assert record.sender_id == str(expected["sender_id"] or "")
    if expected["author"]:
        assert record.author == expected["author"]
    assert_reply(record, expected["reply"] or {})
    assert record.kind == KINDS.get(expected["kind"], expected["kind"])
    assert (record.views, record.forwards) == (expected["views"], expected["forwards"])
    assert record.replies == expected["replies"]
    assert record.reactions == dict(expected["reactions"])
    assert record.grouped_id == expected["grouped_id"]
    assert_forward(record, expected["forward"])
    assert_media(record, expected["media"])


def entity(expected: dict[str, Any]) -> dict[str, Any]:
    """Return it in our words: ids are text, and what is struck through is so in full."""
    ours = {key: str(value) if key.endswith("_id") else value for key, value in expected.items()}
    if ours["type"] == "strike":
        ours["type"] = "strikethrough"
    return ours


def assert_reply(record: MessageRecord, expected: dict[str, Any]) -> None:
    answered = expected.get("message_id")
    if expected.get("forum_topic"):
        # In a topic every message has this header; without a top id it only names the topic.
        assert record.topic_id == expected.get("top_id", answered)
        answered = answered if "top_id" in expected else None
    assert (record.reply_to or {}).get("message_id") == answered


def assert_forward(record: MessageRecord, expected: dict[str, Any] | None) -> None:
    assert bool(record.forward) == bool(expected)
    if record.forward and expected:
        assert when(record.forward["date"]) == when(expected["date"])
        assert record.forward.get("from_id", "") == str(expected["from_id"] or "")
        for field in ("from_name", "channel_post", "post_author"):
            assert record.forward.get(field) == expected[field]


def assert_media(record: MessageRecord, expected: dict[str, Any] | None) -> None:
    if not expected:
        assert record.kind == "service" or record.media_meta is None
        return
    meta = record.media_meta or {}
    if "id" in meta:
        assert meta["id"] == str(expected["id"])
    fields = {"size", "mime", "file_name", "width", "height", "duration", "url"} & set(meta)
    if record.kind == "photo":  # Telegram scales photos down
        fields -= {"width", "height", "size"}
    for field in fields & set(expected) if record.kind != "text" else ():
        assert meta[field] == expected[field]
    if "options" in expected:
        assert [answer["text"] for answer in meta["answers"]] == expected["options"]


async def test_members_of_groups_have_names(telegram: Telegram) -> None:
    found = await read_all(telegram, telegram.card("supergroup"))
    people = [record for record in found.values() if record.sender_id.isdecimal()]
    assert people
    assert all(record.author for record in people)


async def test_two_answers_have_the_same_content(telegram: Telegram) -> None:
    card = telegram.card("broadcast")
    first, second = await read_all(telegram, card), await read_all(telegram, card)
    photos = [one for one in first if first[one].kind == "photo"]
    assert any(first[one].raw_json() != second[one].raw_json() for one in photos)
    for one in first:
        assert first[one].content_hash() == second[one].content_hash()
        assert first[one].counters_hash() == second[one].counters_hash()


async def test_nothing_is_asked_for_twice(telegram: Telegram) -> None:
    card = telegram.card("forum")
    since = telegram.sandbox.last_request()
    await read_all(telegram, card)
    asked = [
        number
        for entry in telegram.sandbox.requests(since, "messages.getHistory")
        for number in entry["ids"]
    ]
    assert len(asked) == len(set(asked))
    assert set(telegram.methods(since)) == {
        "help.getConfig",
        "messages.getDialogs",
        "messages.getHistory",
    }
