"""How long the search takes that the pages call: rare, medium and very common words, phrases, and
pieces of words where there are no spaces; in all channels, in one, and in a month of them; the newest
first, or the best; and deep below the newest.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from statistics import median
from typing import Any, Final

from archive.search import Filters, cursor_at, find, newest
from ingestion.models import Channel, Message
from tgadmin.management.bench.rows import Row
from tgadmin.management.bench.scale.archive import UNTIL
from tgadmin.management.bench.scale.words import Words, words
from workspaces.models import Workspace

#: Milliseconds (p95) in which the first fifty are there.
TARGET: Final = 50
_DEEP: Final = 100_000
_MONTH: Final = (UNTIL - timedelta(days=60), UNTIL - timedelta(days=30))
_KINDS: Final = ("rare", "medium", "common", "phrase", "substring")


def measure(workspace: Workspace, *, rounds: int) -> Iterator[Row]:
    """search_p95_ms_<kind>, search_relevance_p95_ms: those in between with the best first, and
    search_deep_p95_ms: pages that lie 100,000 rows below the newest. Each question was asked before, as
    pages are opened before they are measured; `first_p95` is how long that took, which is what the disk
    takes where the archive is larger than the memory.
    """
    asked = words(workspace)
    scopes = _scopes(workspace)
    for kind in _KINDS:
        yield _asked(f"search_p95_ms_{kind}", workspace, getattr(asked, kind), scopes, rounds)
    best = [{**scope, "order": "relevance"} for scope in scopes]
    yield _asked("search_relevance_p95_ms", workspace, asked.medium, best, rounds)
    yield _deep(workspace, asked, scopes[:3], rounds)


def _asked(
    name: str, workspace: Workspace, questions: list[str], scopes: list[dict[str, Any]], rounds: int
) -> Row:
    """Each question in each scope."""
    first, times = [], []
    for question in questions:
        for scope in scopes:
            first.append(_timed(workspace, question, **scope))
            times += [_timed(workspace, question, **scope) for _ in range(rounds)]
    row = _row(name, times)
    row.more["first_p95"] = round(p95(first), 2)
    return row


def _scopes(workspace: Workspace) -> list[dict[str, Any]]:
    """All channels, the largest, a month, and both."""
    largest = (
        Channel.objects.filter(workspace=workspace).order_by("-totals__messages", "pk").first()
    )
    month = Filters(since=_MONTH[0], until=_MONTH[1])
    return [{}, {"channel": largest}, {"filters": month}, {"channel": largest, "filters": month}]


def _deep(workspace: Workspace, asked: Words, scopes: list[dict[str, Any]], rounds: int) -> Row:
    """Without words and with common ones; beside them the p95 of each scope."""
    by_scope = []
    for scope in scopes:
        place = _place(workspace, **scope)
        times = []
        for _ in range(rounds):
            started = time.perf_counter()
            newest(workspace=workspace, cursor=place, **scope)
            times.append(1000 * (time.perf_counter() - started))
            times += [_timed(workspace, word, cursor=place, **scope) for word in asked.common]
        by_scope.append(times)
    row = _row("search_deep_p95_ms", [one for times in by_scope for one in times])
    for name, times in zip(("all", "channel", "month"), by_scope, strict=True):
        row.more[f"{name}_p95"] = round(p95(times), 2)
    return row


def _place(
    workspace: Workspace, *, channel: Channel | None = None, filters: Filters | None = None
) -> str:
    """So many rows below the newest of these; half way down where there are not so many."""
    rows = Message.objects.filter(channel__workspace=workspace)
    count = workspace_rows(workspace)
    if channel:
        rows = rows.filter(channel=channel)
        count = channel.totals.messages
    if filters:
        rows = rows.filter(date__gte=_midnight(_MONTH[0]), date__lt=_midnight(_MONTH[1]))
        count = rows.count()
    newest_first = rows.order_by("-date", "-channel_id", "-message_id")
    return cursor_at(newest_first.values_list("date", flat=True)[min(_DEEP, count // 2)])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, clock(), UTC)


def workspace_rows(workspace: Workspace) -> int:
    """Messages of it, by its sums."""
    return sum(
        Channel.objects.filter(workspace=workspace).values_list("totals__messages", flat=True)
    )


def _timed(workspace: Workspace, question: str, **more: Any) -> float:
    """Milliseconds until the page's rows are loaded."""
    started = time.perf_counter()
    find(workspace=workspace, query=question, **more)
    return 1000 * (time.perf_counter() - started)


def p95(times: list[float]) -> float:
    """The time that nineteen of twenty keep to."""
    return sorted(times)[max(-(-len(times) * 95 // 100) - 1, 0)]


def _row(name: str, times: list[float]) -> Row:
    more = {"p50": round(median(times), 2), "least": round(min(times), 2)}
    return Row(name, p95(times), "ms", target=TARGET, at_most=True, more=more)
