"""How long the search takes that the pages call: rare, medium and very common words, phrases, and
pieces of words where there are no spaces; in all channels, in one, and in a month of them.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any, Final

from django.db import connection

from archive.search import Filters, find, newest
from ingestion.models import Channel
from tgadmin.management.bench.rows import Row
from tgadmin.management.bench.scale.archive import UNTIL
from tgadmin.management.bench.scale.words import Words, words
from workspaces.models import Workspace

#: Milliseconds (p95) in which the first fifty are there.
TARGET: Final = 50
_DEEP: Final = 100_000
_KINDS: Final = ("rare", "medium", "common", "phrase", "substring")

#: A place so many rows below the newest.
_PLACE: Final = """
SELECT (extract(epoch FROM date) * 1000000)::bigint, channel_id, message_id
FROM ingestion_message ORDER BY date DESC, channel_id DESC, message_id DESC
OFFSET %(deep)s LIMIT 1
"""


def measure(workspace: Workspace, *, rounds: int) -> Iterator[Row]:
    """search_p95_ms_<kind>, and search_deep_p95_ms: the same from 100,000 rows below the newest. Each
    question was asked before, as pages are opened before they are measured; `first_p95` is how long
    that took, which is what the disk takes where the archive is larger than the memory.
    """
    asked = words(workspace)
    scopes = _scopes(workspace)
    for kind in _KINDS:
        first, times = [], []
        for question in getattr(asked, kind):
            for scope in scopes:
                first.append(_timed(workspace, question, **scope))
                times += [_timed(workspace, question, **scope) for _ in range(rounds)]
        row = _row(f"search_p95_ms_{kind}", times)
        row.more["first_p95"] = round(p95(first), 2)
        yield row
    yield _row("search_deep_p95_ms", list(_deep(workspace, asked, rounds)))


def _scopes(workspace: Workspace) -> list[dict[str, Any]]:
    largest = (
        Channel.objects.filter(workspace=workspace).order_by("-totals__messages", "pk").first()
    )
    month = Filters(since=UNTIL - timedelta(days=60), until=UNTIL - timedelta(days=30))
    return [{}, {"channel": largest}, {"filters": month}, {"channel": largest, "filters": month}]


def _deep(workspace: Workspace, asked: Words, rounds: int) -> Iterator[float]:
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"deep": min(_DEEP, workspace_rows(workspace) // 2)})
        microseconds, channel_id, message_id = cursor.fetchone()
    place = f"older.{microseconds}.{channel_id}.{message_id}"
    for _ in range(rounds):
        started = time.perf_counter()
        newest(workspace=workspace, cursor=place)
        yield 1000 * (time.perf_counter() - started)
        for question in asked.common:
            yield _timed(workspace, question, cursor=place)


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
