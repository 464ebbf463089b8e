"""messages.getHistory, rule by rule.

https://core.telegram.org/method/messages.getHistory and
https://core.telegram.org/api/offsets
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from telethon import functions, types

from sandbox.rpc.history import select
from sandbox.world.build import build

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess
    from sandbox.world.model import Message

CHANNEL = "channel_1"
HIDING = "channel_4"


@dataclass
class History:
    """A channel as one client sees it: `ids` newest first, as the truth has them."""

    client: Any
    peer: Any
    ids: list[int]
    dates: dict[int, datetime]
    top: int

    async def ask(self, **fields: Any) -> Any:
        base: dict[str, Any] = {
            "offset_id": 0, "offset_date": None, "add_offset": 0, "limit": 100,
            "max_id": 0, "min_id": 0, "hash": 0,
        }  # fmt: skip
        return await self.client(
            functions.messages.GetHistoryRequest(self.peer, **{**base, **fields})
        )

    async def page(self, **fields: Any) -> list[int]:
        return [message.id for message in (await self.ask(**fields)).messages]

    def hole(self) -> int:
        """An id without a message, in the middle."""
        return next(i for i in range(self.ids[50], 0, -1) if i not in self.dates)


async def _open(shared: SandboxProcess, connect: Any, name: str) -> History:
    client = await connect(shared)
    truth = shared.truth("@" + name)
    dates = {
        m["id"]: datetime.fromisoformat(m["date"]) for m in truth["messages"] if not m["hidden"]
    }
    peer = await client.get_input_entity(name)
    return History(client, peer, sorted(dates, reverse=True), dates, truth["top_id"])


@pytest.fixture
async def history(shared: SandboxProcess, connect: Any) -> History:
    return await _open(shared, connect, CHANNEL)


async def test_the_newest_come_first_in_descending_order(history: History) -> None:
    # <https://core.telegram.org/api/offsets> says "Typically, results are returned in reverse chronological order with
    # descending object ID values."
    assert await history.page() == history.ids[:100]


@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (37, 37), (100, 100), (0, 20), (500, 100)])
async def test_limit(history: History, limit: int, expected: int) -> None:
    # <https://core.telegram.org/api/offsets#limit-parameter> says "typically between 1 and 100. When 0 is provided the
    # limit will often default to an intermediate value like ~20."
    assert await history.page(limit=limit) == history.ids[:expected]


async def test_offset_id_gives_what_is_older_than_it(history: History) -> None:
    # <https://core.telegram.org/api/offsets> says "Loading 20 messages, older than message with ID MSGID"
    message_id = history.ids[30]
    assert await history.page(offset_id=message_id, limit=20) == history.ids[31:51]


async def test_offset_id_with_add_offset_gives_what_is_newer(history: History) -> None:
    # <https://core.telegram.org/api/offsets> says "Loading 20 messages, newer than message with ID MSGID"; the offset
    # counts "up to the result with ID offset_id, inclusive"
    page = await history.page(offset_id=history.ids[30], add_offset=-20, limit=20)
    assert page == history.ids[11:31]


async def test_offset_id_with_half_an_add_offset_gives_what_is_around(history: History) -> None:
    # <https://core.telegram.org/api/offsets> says "Loading 20 messages around message with ID MSGID"
    page = await history.page(offset_id=history.ids[30], add_offset=-10, limit=20)
    assert page == history.ids[21:41]


async def test_offset_id_need_not_exist(history: History) -> None:
    # an offset is a number of results, so that a deleted id counts those above it
    hole = history.hole()
    assert await history.page(offset_id=hole, limit=5) == [i for i in history.ids if i < hole][:5]
    assert await history.page(offset_id=history.top + 1_000, limit=3) == history.ids[:3]


async def test_positive_add_offset_skips(history: History) -> None:
    # method page: "Number of list elements to be skipped, negative values are also accepted."
    assert await history.page(add_offset=7, limit=5) == history.ids[7:12]
    page = await history.page(offset_id=history.ids[10], add_offset=7, limit=5)
    assert page == history.ids[18:23]


async def test_a_window_beyond_the_newest_is_cut_not_moved(history: History) -> None:
    # offsetFromID(offset_id) + add_offset < 0: only what is inside the list is answered
    page = await history.page(offset_id=history.ids[4], add_offset=-20, limit=20)
    assert page == history.ids[:5]
    page = await history.page(offset_id=history.top + 1, add_offset=-20, limit=20)
    assert page == []


async def test_the_end_of_the_history(history: History) -> None:
    assert await history.page(offset_id=history.ids[-1]) == []
    assert await history.page(offset_id=history.ids[-3]) == history.ids[-2:]
    assert await history.page(add_offset=100_000) == []


async def test_offset_date_gives_what_was_sent_before(history: History) -> None:
    # method page: "Only return messages sent before the specified date"
    moment = history.dates[history.ids[40]]
    page = await history.page(offset_date=moment, limit=10)
    assert page == [i for i in history.ids if history.dates[i] < moment][:10]
    assert await history.page(offset_date=datetime(2001, 1, 1, tzinfo=UTC)) == []


async def test_offset_date_before_with_add_offset(history: History) -> None:
    moment = history.dates[history.ids[40]]
    older = [i for i in history.ids if history.dates[i] < moment]
    start = len(history.ids) - len(older)
    page = await history.page(offset_date=moment, add_offset=-3, limit=10)
    assert page == history.ids[start - 3 : start + 7]


async def test_offset_id_wins_over_offset_date(history: History) -> None:
    # clients send the date of the last message along with its id; messages of the same
    # second must not be lost
    last = history.ids[60]
    page = await history.page(offset_id=last, offset_date=history.dates[history.ids[5]], limit=4)
    assert page == history.ids[61:65]


async def test_max_id_filters_after_the_cut(history: History) -> None:
    # <https://core.telegram.org/api/offsets#additional-filtering> says "applied to the list after slicing with offset and
    # limit"; max_id: "strictly smaller"
    limit_id = history.ids[5]
    assert await history.page(max_id=limit_id, limit=10) == history.ids[6:10]
    assert await history.page(max_id=history.ids[20], limit=10) == []


async def test_min_id_filters_after_the_cut(history: History) -> None:
    # <https://core.telegram.org/api/offsets#additional-filtering> says min_id: "strictly greater"
    assert await history.page(min_id=history.ids[5], limit=10) == history.ids[:5]
    assert await history.page(min_id=history.ids[0], limit=10) == []


async def test_max_id_and_min_id_together(history: History) -> None:
    page = await history.page(max_id=history.ids[2], min_id=history.ids[8], limit=100)
    assert page == history.ids[3:8]


def _hash(ids: list[int]) -> int:
    """api/offsets#hash-generation, in C's arithmetic."""
    value = 0
    for number in ids:
        value = (value ^ (value >> 21)) % 2**64
        value = (value ^ (value << 35)) % 2**64
        value = (value ^ (value >> 4)) % 2**64
        value = (value + number) % 2**64
    return value if value < 2**63 else value - 2**64


async def test_a_known_hash_is_answered_with_not_modified(history: History) -> None:
    # <https://core.telegram.org/api/offsets#hash-generation> says "the API will return one of *NotModified constructors"
    value = _hash(history.ids[:50])
    same = await history.ask(limit=50, hash=value)
    assert isinstance(same, types.messages.MessagesNotModified)
    assert same.count == len(history.ids)
    other = await history.ask(limit=50, hash=value + 1)
    assert isinstance(other, types.messages.ChannelMessages)


async def test_the_answer_counts_all_that_can_be_seen(history: History) -> None:
    # <https://core.telegram.org/constructor/messages.channelMessages> has the number of all results in count
    answer = await history.ask(limit=1)
    assert isinstance(answer, types.messages.ChannelMessages)
    assert answer.count == len(history.ids)
    assert answer.pts > 0
    assert answer.chats[0].id == answer.messages[0].peer_id.channel_id


async def test_every_sender_is_described(shared: SandboxProcess, connect: Any) -> None:
    history = await _open(shared, connect, "channel_2")
    answer = await history.ask(limit=100)
    users = {user.id for user in answer.users}
    senders = {m.from_id.user_id for m in answer.messages if isinstance(m.from_id, types.PeerUser)}
    assert senders
    assert senders <= users


async def test_hidden_history_is_not_answered(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/constructor/updateChannelAvailableMessages> says available_min_id is the "Identifier of a
    # maximum unavailable message in a channel due to hidden history."
    history = await _open(shared, connect, HIDING)
    truth = shared.truth("@" + HIDING)
    hidden = truth["available_min_id"]
    assert hidden > 0
    seen: list[int] = []
    offset = 0
    while page := await history.page(offset_id=offset):
        seen += page
        offset = page[-1]
    assert seen == [m["id"] for m in reversed(truth["messages"]) if m["id"] > hidden]
    assert (await history.ask(limit=1)).count == len(seen)
    assert await history.page(offset_id=hidden) == []
    assert await history.page(offset_id=hidden + 1) == []
    assert truth["hidden"] + truth["visible"] + truth["missing"] == truth["top_id"]


async def test_telethon_reads_it_forwards_and_backwards(
    shared: SandboxProcess, connect: Any
) -> None:
    history = await _open(shared, connect, CHANNEL)
    down = [m.id async for m in history.client.iter_messages(history.peer, wait_time=0)]
    up = [m.id async for m in history.client.iter_messages(history.peer, wait_time=0, reverse=True)]
    assert down == history.ids
    assert up == history.ids[::-1]


async def test_messages_by_id(history: History) -> None:
    # <https://core.telegram.org/constructor/messageEmpty> says "Empty constructor,
    # non-existent message."
    hole, known = history.hole(), history.ids[3]
    answer = await history.client(
        functions.channels.GetMessagesRequest(
            history.peer, [types.InputMessageID(i) for i in (known, hole, history.top + 5)]
        )
    )
    kinds = [(m.id, type(m)) for m in answer.messages]
    assert kinds[0] in {(known, types.Message), (known, types.MessageService)}
    assert kinds[1:] == [(hole, types.MessageEmpty), (history.top + 5, types.MessageEmpty)]


async def test_hidden_messages_by_id_are_empty(shared: SandboxProcess, connect: Any) -> None:
    history = await _open(shared, connect, HIDING)
    answer = await history.client(
        functions.channels.GetMessagesRequest(history.peer, [types.InputMessageID(1)])
    )
    assert isinstance(answer.messages[0], types.MessageEmpty)


def test_every_combination_cuts_like_the_rules_say() -> None:
    """`select` against the rules written down once more, on lists."""
    random = Random(4)
    spec = {"kind": "made", "seed": 3, "end": 1_767_225_600, "channels": 4, "messages": 260}
    for channel in build(spec).channels:
        visible = [m for m in reversed(list(channel.messages())) if channel.visible(m.id)]
        for _ in range(400):
            moment = random.choice([None, random.choice(visible).date + random.randint(-9, 9)])
            request = functions.messages.GetHistoryRequest(
                None,
                random.choice([0, random.randint(1, 280)]),
                datetime.fromtimestamp(moment, UTC) if moment else None,
                random.choice([0, 0, random.randint(-130, 130)]),
                random.randint(0, 120),
                random.choice([0, 0, random.randint(1, 280)]),
                random.choice([0, 0, random.randint(1, 280)]),
                0,
            )
            ids, _ = select(channel, request)
            assert ids == _by_the_rules(visible, request, moment)


def _by_the_rules(visible: list[Message], request: Any, moment: int | None) -> list[int]:
    offset = 0
    if request.offset_id:
        offset = sum(message.id >= request.offset_id for message in visible)
    elif moment:
        offset = sum(message.date >= moment for message in visible)
    start = offset + request.add_offset
    end = start + min(100, request.limit or 20)
    page = [m.id for position, m in enumerate(visible) if start <= position < end]
    page = [i for i in page if not request.max_id or i < request.max_id]
    return [i for i in page if not request.min_id or i > request.min_id]
