"""Pages and lookups: what they answer for, and what they make of answers that cannot be read."""

from typing import Any

import pytest
from telethon.tl import patched, types

from ingestion.errors import DataError
from ingestion.records import Page
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.history import History
from ingestion.sources.mtproto.replay import replay
from tests.ingestion.sources.mtproto.fakes import ADDRESS, NOISE, FakeWire, history
from tests.ingestion.sources.mtproto.samples import CHANNEL, DATE, MARKED


def ids(page: Page) -> list[int]:
    return [record.message_id for record in page.records]


async def walk(source: History, low: int, high: int | None, limit: int = 100) -> list[Page]:
    """Read a range as a run does, and check that the pages join without a hole."""
    pages: list[Page] = []
    top = high
    while not pages or pages[-1].low > low:
        page = await source.page(ADDRESS, low=low, high=top, limit=limit)
        assert top is None or page.high == top
        assert low <= page.low
        assert page.low <= page.high + 1
        assert all(page.low <= one <= page.high for one in ids(page))
        pages.append(page)
        top = page.low - 1
        if top < low:
            break
    return pages


async def test_the_newest_page_tells_the_top() -> None:
    page = await history(FakeWire(range(1, 501))).page(ADDRESS, low=1, high=None)
    assert (page.low, page.high, page.proves_absence) == (401, 500, True)
    assert ids(page) == list(range(500, 400, -1))


async def test_nothing_is_newer() -> None:
    page = await history(FakeWire(range(1, 501))).page(ADDRESS, low=501, high=None)
    assert (page.low, page.high, ids(page)) == (501, 500, [])


async def test_an_empty_channel() -> None:
    page = await history(FakeWire([])).page(ADDRESS, low=1, high=None)
    assert (page.low, page.high) == (1, 0)


async def test_a_short_page_is_not_the_end_but_an_empty_one_is() -> None:
    wire = FakeWire([3, 50, 60])
    page = await history(wire).page(ADDRESS, low=1, high=100)
    assert (page.low, page.high, ids(page)) == (3, 100, [60, 50, 3])
    page = await history(wire).page(ADDRESS, low=1, high=2)
    assert (page.low, page.high, ids(page)) == (1, 2, [])


async def test_a_page_whose_slice_lies_below_the_range() -> None:
    page = await history(FakeWire([3, 50, 60])).page(ADDRESS, low=10, high=40)
    assert (page.low, page.high, ids(page)) == (10, 40, [])


@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_a_walk_covers_everything_once(limit: int) -> None:
    present = [one for one in range(1, 301) if one % 7 and one % 11]
    pages = await walk(history(FakeWire(present)), 1, None, limit)
    assert sorted(one for page in pages for one in ids(page)) == present
    assert pages[0].high == max(present)
    assert pages[-1].low == 1


async def test_members_have_their_names() -> None:
    page = await history(FakeWire([1])).page(ADDRESS, low=1, high=1)
    assert (page.records[0].sender_id, page.records[0].author) == ("42", "Ann")


async def test_one_garbled_message_costs_itself_only() -> None:
    wire = FakeWire(range(1, 301), garbled=(250, 120, 119, 1))
    pages = await walk(history(wire), 1, None)
    bad = [one for page in pages for one in page.unparsed]
    assert [one.message_id for one in bad] == [250, 120, 119, 1]
    assert sorted(one for page in pages for one in ids(page)) == [
        one for one in range(1, 301) if one not in {250, 120, 119, 1}
    ]
    assert all(page.proves_absence for page in pages)
    assert all("TypeNotFoundError" in one.error and "efbeadde" in one.error for one in bad)
    assert all(NOISE in one.raw for one in bad)
    assert len(wire.requests) <= 3 + 3 * len(bad) + 1
    assert all(record.author == "Ann" for page in pages for record in page.records)


async def test_a_garbled_newest_message() -> None:
    page = await history(FakeWire(range(1, 11), garbled=(10,))).page(ADDRESS, low=1, high=None)
    assert (page.low, page.high, ids(page)) == (10, 10, [])
    assert page.unparsed[0].message_id == 10


async def test_the_id_that_cannot_be_read_is_found_by_asking_for_it() -> None:
    wire = FakeWire([1, 2, 3, 10, 12, 13], headless=(10,))
    pages = await walk(history(wire), 1, 20)
    (bad,) = [one for page in pages for one in page.unparsed]
    holder = next(page for page in pages if page.unparsed)
    assert bad.message_id == 10
    assert (holder.low, holder.high, holder.proves_absence) == (4, 11, True)
    assert sorted(one for page in pages for one in ids(page)) == [1, 2, 3, 12, 13]


async def test_an_id_that_cannot_be_found_proves_nothing() -> None:
    pages = await walk(history(FakeWire([1, 500, 900], headless=(500,))), 1, 1000)
    holder = next(page for page in pages if page.unparsed)
    assert holder.unparsed[0].message_id is None
    assert (holder.low, holder.high, holder.proves_absence) == (2, 899, False)
    assert sorted(one for page in pages for one in ids(page)) == [1, 900]


async def test_two_messages_without_readable_ids_in_a_row() -> None:
    pages = await walk(history(FakeWire([1, 10, 11, 20], headless=(10, 11))), 1, 20)
    assert sorted(one for page in pages for one in ids(page)) == [1, 20]
    bad = [one.message_id for page in pages for one in page.unparsed]
    assert sorted(one or 0 for one in bad) == [10, 11]


async def test_the_newest_message_without_a_readable_id() -> None:
    page = await history(FakeWire([1, 2, 4], headless=(4,))).page(ADDRESS, low=1, high=None)
    assert (page.low, page.high, page.proves_absence) == (3, 4, True)
    assert [one.message_id for one in page.unparsed] == [4]
    with pytest.raises(DataError, match="could not be read"):
        await history(FakeWire([1, 200], headless=(200,))).page(ADDRESS, low=1, high=None)


async def test_people_that_cannot_be_read_cost_their_names_only() -> None:
    page = await history(FakeWire(range(1, 11), garbled_people=True)).page(ADDRESS, low=1, high=10)
    assert ids(page) == list(range(10, 0, -1))
    assert {record.author for record in page.records} == {""}


async def test_lookup() -> None:
    found = await history(FakeWire([1, 3, 5])).lookup(ADDRESS, [1, 2, 3, 4])
    assert sorted(ids(found.page)) == [1, 3]
    assert found.empty == {2, 4}
    assert not found.page.proves_absence


async def test_lookup_isolates_what_is_garbled() -> None:
    wire = FakeWire(range(1, 100, 2), garbled=(7, 33), headless=(51,))
    found = await history(wire).lookup(ADDRESS, list(range(1, 101)))
    assert sorted(one.message_id or 0 for one in found.page.unparsed) == [7, 33, 51]
    assert sorted(ids(found.page)) == [one for one in range(1, 100, 2) if one not in {7, 33, 51}]
    assert found.empty == set(range(2, 101, 2))


class LyingWire:
    """Answers with whatever it was given."""

    def __init__(self, *messages: Any) -> None:
        self.answer: Any = types.messages.ChannelMessages(1, 9, list(messages), [], [], [])

    async def send(self, _request: Any) -> Any:
        return self.answer


def post(message_id: int, channel: int = CHANNEL) -> Any:
    return patched.Message(
        id=message_id, peer_id=types.PeerChannel(channel), date=DATE, message="x"
    )


def lying(*messages: Any) -> History:
    return History(LyingWire(*messages))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "messages",
    [
        [post(30)],  # above the range
        [post(15), post(4)],  # below the range
        [post(14), post(15)],  # ascending
        [post(15), post(15)],  # twice
        [post(15, channel=99)],  # of another channel
    ],
)
async def test_a_page_that_contradicts_what_was_asked_is_refused(messages: list[Any]) -> None:
    with pytest.raises(DataError) as caught:
        await lying(*messages).page(ADDRESS, low=10, high=20)
    assert caught.value.code == "CONTRADICTORY_ANSWER"


async def test_a_lookup_that_contradicts_what_was_asked_is_refused() -> None:
    with pytest.raises(DataError):
        await lying(post(4)).lookup(ADDRESS, [3])
    with pytest.raises(DataError):
        await lying(post(3), post(3)).lookup(ADDRESS, [3])


async def test_empty_messages_count_for_the_range_and_are_no_records() -> None:
    empty = types.MessageEmpty(12, types.PeerChannel(CHANNEL))
    page = await lying(post(15), empty).page(ADDRESS, low=10, high=20)
    assert (page.low, ids(page)) == (12, [15])


async def test_an_inexact_answer_proves_nothing() -> None:
    source = LyingWire(post(15))
    source.answer.inexact = True
    page = await History(source).page(ADDRESS, low=10, high=20)  # type: ignore[arg-type]
    assert not page.proves_absence


async def test_a_message_that_cannot_be_mapped_is_set_aside_whole() -> None:
    strange = post(15)
    strange.media = types.MessageMediaPoll(None, None)
    page = await lying(post(16), strange, post(14)).page(ADDRESS, low=10, high=20)
    assert ids(page) == [16, 14]
    (bad,) = page.unparsed
    assert bad.message_id == 15
    assert b'"MessageMediaPoll"' in bad.raw
    assert page.low == 14


async def test_the_address_goes_into_the_request() -> None:
    wire = FakeWire([1])
    await history(wire).page(ChannelAddress(MARKED, 77), low=5, high=9, limit=1000)
    (request,) = wire.requests
    assert (request.peer.channel_id, request.peer.access_hash) == (CHANNEL, 77)
    assert (request.offset_id, request.min_id, request.max_id) == (10, 4, 0)
    assert request.limit == 100


async def test_quarantined_bytes_can_be_read_again_when_they_are_known() -> None:
    wire = FakeWire([5], garbled=(5,))
    (bad,) = (await history(wire).page(ADDRESS, low=1, high=9)).unparsed
    with pytest.raises(DataError):
        replay(bad.raw)
    understood = bad.raw.replace(NOISE, bytes(types.MessageMediaUnsupported()))
    (record,) = replay(understood)
    assert (record.message_id, record.text, record.author) == (5, "message 5", "Ann")


async def test_quarantined_records_can_be_mapped_again() -> None:
    strange = post(15)
    strange.media = types.MessageMediaPoll(None, None)
    (bad,) = (await lying(strange).page(ADDRESS, low=10, high=20)).unparsed
    with pytest.raises(DataError):
        replay(bad.raw)
    (record,) = replay(bad.raw.replace(b'"MessageMediaPoll"', b'"MessageMediaEmpty"'))
    assert (record.message_id, record.text) == (15, "x")
