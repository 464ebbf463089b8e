"""The generated world: the same from the same seed, and everything is in it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world import truth
from sandbox.world.build import build

if TYPE_CHECKING:
    from sandbox.world.channel import Channel
    from sandbox.world.model import Message

END = 1_767_225_600


@cache
def _demo() -> tuple[Channel, ...]:
    return tuple(build({"kind": "demo", "seed": 1, "end": END}).channels)


@cache
def _sample() -> tuple[tuple[Channel, Message], ...]:
    """Every third message of the demo's channels."""
    return tuple(
        (channel, message) for channel in _demo() for message in channel.messages(channel.ids[::3])
    )


def _made(seed: int = 1, messages: int = 300) -> list[Any]:
    spec = {"kind": "made", "seed": seed, "end": END, "channels": 8, "messages": messages}
    return [truth.whole(channel) for channel in build(spec).channels]


def test_the_demo_world_is_large_and_mixed() -> None:
    channels = _demo()
    assert len(channels) >= 12
    assert sum(len(channel.ids) for channel in channels) >= 60_000
    assert {c.info.kind for c in channels} == {"broadcast", "supergroup", "gigagroup", "forum"}
    assert any(channel.info.private for channel in channels)
    assert {"en", "ru", "ar", "ja", "zh", "und"} <= {c.info.language for c in channels}
    assert sum(channel.info.available_min_id > 0 for channel in channels) == 1


def test_one_seed_makes_one_world() -> None:
    assert _made() == _made()
    assert _made(seed=2) != _made()


def test_the_order_of_asking_does_not_matter() -> None:
    spec = {"kind": "made", "seed": 5, "end": END, "channels": 1, "messages": 1_000}
    up, down = build(spec).channels[0], build(spec).channels[0]
    assert list(up.messages()) == list(down.messages(reversed(down.ids)))[::-1]


def test_ids_and_messages_agree() -> None:
    for channel in _demo():
        assert channel.ids[0] == 1
        assert channel.ids[-1] == channel.top_id
        for message_id in channel.ids[:400]:
            message = channel.get(message_id)
            assert message is not None
            assert message.id == message_id
        for message_id in channel.deleted_ids()[:100]:
            assert channel.get(message_id) is None


def test_dates_grow_with_ids() -> None:
    for channel in _demo():
        dates = [message.date for message in channel.messages(channel.ids[-3_000:])]
        assert dates == sorted(dates)
        assert dates[-1] <= END


def test_holes_are_single_and_in_runs() -> None:
    runs: Counter[int] = Counter()
    for channel in _demo():
        gaps = [b - a - 1 for a, b in zip(channel.ids, channel.ids[1:], strict=False) if b - a > 1]
        runs.update(gaps)
    assert runs[1] > 500
    assert max(runs) >= 20


def test_entities_lie_within_their_texts() -> None:
    # <https://core.telegram.org/api/entities#entity-length> counts UTF-16 code units
    for _, message in _sample():
        data = message.text.encode("utf-16-le")
        for entity in message.entities:
            assert entity.length > 0
            part = data[entity.offset * 2 : (entity.offset + entity.length) * 2]
            assert len(part) == entity.length * 2
            part.decode("utf-16-le")
            if entity.type == "hashtag":
                assert part.decode("utf-16-le").startswith("#")


def test_every_kind_of_thing_is_there() -> None:
    messages = [message for _, message in _sample()]
    entities = {entity.type for message in messages for entity in message.entities}
    assert entities >= {
        "bold", "italic", "underline", "strike", "spoiler", "code", "pre", "blockquote", "url",
        "text_url", "email", "phone", "hashtag", "cashtag", "mention", "mention_name",
        "bot_command", "custom_emoji",
    }  # fmt: skip
    kinds = {truth.kind(message) for message in messages}
    assert kinds >= {
        "text", "service", "photo", "video", "round", "animation", "voice", "audio", "document",
        "sticker", "poll", "quiz", "webpage", "geo", "venue", "contact", "dice",
    }  # fmt: skip
    actions = {message.action.kind for message in messages if message.action}
    assert actions >= {"pin_message", "chat_add_user", "chat_joined_by_link", "chat_edit_title"}
    assert any(message.forward and message.forward.from_name for message in messages)
    assert any(message.forward and message.forward.channel_post for message in messages)
    assert any(message.reply and message.reply.quote for message in messages)
    assert any(message.reply and message.reply.forum_topic for message in messages)
    reactions = {name for message in messages for name, _ in message.reactions}
    assert "paid" in reactions
    assert any(name.startswith("custom:") for name in reactions)
    assert any(message.edit_date for message in messages)
    assert any(any(ord(c) > 0xFFFF for c in message.text) for message in messages)


def test_albums_are_neighbours_of_one_moment() -> None:
    albums: dict[int, list[Message]] = {}
    for channel in _demo():
        for message in channel.messages(channel.ids[-2_000:]):
            if message.grouped_id:
                albums.setdefault(message.grouped_id, []).append(message)
    assert len(albums) > 50
    for album in albums.values():
        assert len({message.date for message in album}) == 1
        assert album[-1].id - album[0].id < 10


def test_big_channels_cost_nothing_until_read() -> None:
    spec = {"kind": "made", "seed": 1, "end": END, "channels": 1, "messages": 200_000}
    channel = build(spec).channels[0]
    assert channel.top_id == 200_000
    assert len(channel.source._blocks) == 0  # type: ignore[attr-defined]
    message = channel.get(channel.ids[100_000])
    assert message is not None
    assert channel.count_before(message.date) <= 100_000


@pytest.mark.parametrize("number", range(8))
def test_the_truth_adds_up(number: int) -> None:
    made = _made()[number]
    assert made["hidden"] + made["visible"] + made["missing"] == made["top_id"]
    assert len(made["messages"]) + len(made["deleted"]) == made["top_id"]
    assert sum(not message["hidden"] for message in made["messages"]) == made["visible"]


def test_the_world_knows_nothing_of_tl() -> None:
    code = "import sys, sandbox.world.truth, sandbox.world.build, sandbox.world.live; print('telethon' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_nothing_imports_an_app() -> None:
    code = "import sys, sandbox.cli, sandbox.testing; print(sorted({'django', 'ingestion', 'tgadmin'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
