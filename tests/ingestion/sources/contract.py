"""What every source promises, whatever it reads: tests take these by calling `check`.

A new source needs a `Sample` in `test_contract.py`, and no test of its own for any of this.
"""

import dataclasses
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC

import orjson

from ingestion.records import SOURCE_RANKS, MessageRecord, Page
from ingestion.sources.base import PORTION

#: What a source may hold of a large file, in bytes.
FLAT = 60 * 2**20
_KINDS = {
    "text", "photo", "video", "voice", "audio", "document", "sticker", "animation", "round_video",
    "poll", "quiz", "service", "geo", "live_location", "venue", "contact", "dice", "game", "invoice",
    "giveaway", "story", "paid_media", "todo", "unknown",
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A source over data that holds `ids` of one channel, and `broken` items that cannot be read.

    `pages` reads all of it anew each time. `rest` reads what is left behind the first items, for
    sources that stream; `large` reads so much that a source that held it would be seen.
    """

    name: str
    pages: Callable[[], Iterator[Page]]
    ids: frozenset[int]
    broken: int = 0
    proves: bool = False
    rest: Callable[[int], Iterator[Page]] | None = None
    large: Callable[[], Iterator[Page]] | None = None


def check(sample: Sample) -> None:
    """All that can be asked of any source."""
    pages = list(sample.pages())
    assert sample.name in SOURCE_RANKS
    _is_whole(sample, pages)
    for page in pages:
        assert page.proves_absence is sample.proves
        assert len(page.records) + len(page.unparsed) <= PORTION
        for record in page.records:
            _is_valid(record)
            assert page.low <= record.message_id <= page.high
    _is_the_same_again(sample, pages)


def _is_whole(sample: Sample, pages: list[Page]) -> None:
    ids = [record.message_id for page in pages for record in page.records]
    assert len(ids) == len(set(ids)), "ids are unique"
    assert set(ids) == sample.ids
    unparsed = [bad for page in pages for bad in page.unparsed]
    assert len(unparsed) == sample.broken, "what cannot be read is told"
    assert all(bad.error and bad.raw for bad in unparsed)


def _is_valid(record: MessageRecord) -> None:
    assert record.message_id > 0
    assert record.date.tzinfo is UTC or record.date.utcoffset() == UTC.utcoffset(None)
    assert record.edit_date is None or record.edit_date.tzinfo is not None
    assert record.kind in _KINDS
    length = len(record.text.encode("utf-16-le")) // 2
    for entity in record.entities:
        assert entity["type"]
        assert entity["length"] > 0
        assert 0 <= entity["offset"] <= entity["offset"] + entity["length"] <= length
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, str):
            assert "\0" not in value, field.name
    assert record.media_meta is None or record.media_meta["type"]
    assert all(type(count) is int for count in record.reactions.values())
    assert orjson.loads(record.raw_json()) is not None
    assert "" not in record.links
    assert not any(tag.startswith("#") for tag in record.hashtags)


def _is_the_same_again(sample: Sample, pages: list[Page]) -> None:
    """So importing again changes nothing."""
    first = {
        one.message_id: (one.content_hash(), one.counters_hash())
        for p in pages
        for one in p.records
    }
    for page in sample.pages():
        for one in page.records:
            assert first[one.message_id] == (one.content_hash(), one.counters_hash())


def check_going_on(sample: Sample) -> None:
    """A stream that is begun in the middle brings the rest, and nothing else."""
    assert sample.rest is not None
    everything = [one.message_id for page in sample.pages() for one in page.records]
    for skip in (1, len(everything) // 2, len(everything) + sample.broken + 100):
        rest = [one.message_id for page in sample.rest(skip) for one in page.records]
        assert rest == everything[len(everything) - len(rest) :]
    assert rest == []


def check_memory(sample: Sample) -> None:
    """However much there is, little of it is held."""
    assert sample.large is not None
    tracemalloc.start()
    try:
        count = sum(len(page.records) for page in sample.large())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count > 10_000
    assert peak < FLAT
