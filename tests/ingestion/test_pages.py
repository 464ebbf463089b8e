"""What is asked for, and what an answer proves."""

from collections.abc import Sequence

import pytest

from ingestion.errors import DataError
from ingestion.pages import missing, prove, spans
from ingestion.records import MessageRecord, Page, Unparsed
from ingestion.sources.base import Lookup
from tests.factories import make_record
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import tell


def page_of(ids: Sequence[int], *, low: int = 1, high: int = 100, proves: bool = True) -> Page:
    records = [make_record(number) for number in ids]
    return Page(records, [], low=low, high=high, proves_absence=proves)


def test_gaps_are_walked_newest_first_and_near_ones_together() -> None:
    todo = IdRanges.of([(1, 10), (50, 60), (5000, 5100), (9000, 9000)])
    assert list(spans(todo)) == [(9000, 9000), (5000, 5100), (1, 60)]


def test_a_known_message_that_is_not_in_the_page_is_suspected() -> None:
    known = list(range(1, 101))
    assert missing(page_of([n for n in known if n != 7]), known) == [7]


def test_what_could_not_be_read_is_not_missing() -> None:
    page = Page(
        [make_record(1)], [Unparsed(2, tell("Odd."), b"")], low=1, high=2, proves_absence=True
    )
    assert missing(page, [1, 2]) == []


def test_an_empty_page_over_known_rows_is_not_believed() -> None:
    with pytest.raises(DataError, match="Nothing was marked as deleted"):
        missing(page_of([]), [5])


def test_more_than_a_fifth_missing_at_once_is_not_believed() -> None:
    known = list(range(1, 101))
    assert len(missing(page_of(known[20:]), known)) == 20
    with pytest.raises(DataError, match="too many at once"):
        missing(page_of(known[21:]), known)


def test_what_a_person_confirmed_is_suspected_however_much_it_is() -> None:
    known = list(range(1, 101))
    assert missing(page_of([]), known, confirmed=True) == known
    assert missing(page_of([], proves=False), known, confirmed=True) == []


def test_a_page_that_proves_no_absence_makes_nobody_suspect() -> None:
    assert missing(page_of([], proves=False), [5]) == []


class Answering:
    """A source that knows which ids are empty, and says nothing of others."""

    def __init__(self, empty: set[int], alive: set[int]) -> None:
        self.empty = empty
        self.alive = alive

    async def lookup(self, ids: Sequence[int]) -> Lookup:
        records: list[MessageRecord] = [make_record(n) for n in ids if n in self.alive]
        page = Page(records, [], low=min(ids), high=max(ids), proves_absence=False)
        return Lookup(page, frozenset(self.empty & set(ids)))


async def test_only_ids_that_telegram_says_are_empty_are_gone() -> None:
    source = Answering(empty={3}, alive={4})
    page, gone = await prove(source.lookup, page_of([1]), [3, 4, 5])
    assert gone == [3]
    assert [record.message_id for record in page.records] == [1, 4]
