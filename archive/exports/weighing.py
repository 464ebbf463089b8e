"""How many stored files an export with media will carry, and how many bytes, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.exports import sql
from archive.exports.guessing import guess, row_of
from archive.exports.options import Options
from archive.exports.stream import filter_parameters
from archive.filters import Filters, matching
from archive.limits import TooSlow, limited
from ingestion.models import Channel

#: Files that are looked at, over all channels.
LOOKED: Final = 10_000
#: At least so many of each channel.
LEAST: Final = 20
#: For so long; a regular expression may take minutes for one message.
MILLISECONDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Media:
    """`exact`: every file was looked at."""

    files: int
    size: int
    exact: bool


def media(channels: Sequence[Channel], options: Options) -> Media:
    """The files that the filters bring, each once.

    The cost is bounded: of each channel so many of its newest are read along the index of what is
    stored, and their messages and sizes by key, `LOOKED` in all. Where a channel has more, those
    looked at stand for the rest, of which the planner guesses how many there are. A filter that takes
    longer than `MILLISECONDS` all the same is left out but for its days: there are at most so many.
    """
    asked = options.filters
    words = matching(asked.words, tags=asked.tags)
    try:
        with limited(MILLISECONDS):
            return _weigh(channels, filter_parameters(options, words))
    except TooSlow:
        days = Filters(since=asked.since, until=asked.until, zone=asked.zone)
        plain = Options(filters=days, with_deleted=options.with_deleted)
        return replace(_weigh(channels, filter_parameters(plain, matching(""))), exact=False)


def _weigh(channels: Sequence[Channel], parameters: dict[str, Any]) -> Media:
    parameters["channels"] = [channel.pk for channel in channels]
    parameters["share"] = max(LOOKED // max(len(channels), 1), LEAST)
    known, seen, files, size, some_files, some_size = row_of(sql.MEDIA, parameters)
    if not seen:
        return Media(files, size, exact=True)
    all_ = guess(sql.MEDIA_GUESS, parameters)
    times = max((all_ - known) / seen, 1.0)
    return Media(files + round(some_files * times), size + round(some_size * times), exact=False)
