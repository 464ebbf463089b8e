"""A search as its page shows it: what was found, where it lies, and what to do when it is too slow."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone

from archive import search
from archive.filters import Filters
from archive.search import Results, TooSlow
from ingestion.models import Channel
from workspaces.access import within
from workspaces.models import Workspace

#: A page waits for a search for so long; PostgreSQL ends it then.
MILLISECONDS: Final = 5_000
#: Newest first, or the best matches first.
ORDERS: Final = ("date", "relevance")


@dataclass(frozen=True)
class Found:
    """`trouble`: why there are no results."""

    results: Results
    trouble: TooSlow | None = None


@dataclass(frozen=True)
class Narrower:
    """A facet's value as a link: `query` finds these alone."""

    word: str | date
    count: int
    estimated: bool
    query: str


@dataclass(frozen=True)
class Where:
    """The facets of a search."""

    channels: list[Narrower]
    days: list[Narrower]
    estimated: bool
    #: In all of them; 0 where it is not known.
    total: int


def find(
    workspace: Workspace,
    filters: Filters,
    cursor: str | None,
    limit: int,
    *,
    order: str = ORDERS[0],
    known: Sequence[Channel] = (),
) -> Found:
    """A page of it, or the news that it was stopped. A list without filters is always quick;
    `known` channels need not be asked for.
    """
    quick = not (filters.words or filters.looks_at_rows)
    limit_of_time: AbstractContextManager[None] = (
        nullcontext() if quick else search.limited(MILLISECONDS)
    )
    try:
        with limit_of_time:
            return Found(
                search.find(
                    workspace=workspace,
                    filters=filters,
                    cursor=cursor,
                    limit=limit,
                    order=order,
                    known=known,
                )
            )
    except TooSlow as slow:
        return Found(Results([]), slow)


def where(
    workspace: Workspace,
    filters: Filters,
    channels_at_hand: Sequence[Channel],
    *,
    all_of_them: bool,
) -> Where:
    """In which channels and on which days."""
    known = channels_at_hand if all_of_them else None
    found = search.facets(workspace=workspace, filters=filters, known=known)
    titles = {channel.pk: channel.title for channel in channels_at_hand}
    missing = {one.key for one in found.channels} - titles.keys()
    if missing:
        rows = within(workspace, Channel.objects.filter(pk__in=missing))
        titles = {**titles, **dict(rows.values_list("pk", "title"))}
    channels = [
        Narrower(titles[one.key], one.count, one.estimated, _query(filters, channels=(one.key,)))
        for one in found.channels
        if one.key in titles
    ]
    days = [
        Narrower(one.key, one.count, one.estimated, _query(filters, since=one.key, until=one.key))
        for one in found.days
    ]
    return Where(
        channels if len(channels) > 1 else [],
        days if len(days) > 1 else [],
        found.estimated,
        found.total,
    )


def _query(filters: Filters, **fields: Any) -> str:
    return replace(filters, **fields).query_string()


def place_of(day: str) -> str | None:
    """The place in a list at which a local day's newest messages stand; None for what is no day."""
    try:
        after = date.fromisoformat(day) + timedelta(days=1)
        return search.cursor_at(timezone.make_aware(datetime.combine(after, time.min)))
    except (ValueError, OverflowError):
        return None
