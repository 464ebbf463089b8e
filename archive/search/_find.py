"""From a question to a page.

Words are looked for in two steps, because the planner misjudges `tsv @@ query ORDER BY date LIMIT
50`: first among the newest candidates, which answers common words at once, then by the full-text
index, which answers rare ones. What no index answers (scripts without spaces, emoji, punctuation,
"everything but") is looked for in a window of the newest messages; the next page goes on below.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection

from archive.search import _sql
from archive.search._cursor import Cursor, Direction, Key
from archive.search._query import Query
from archive.search._results import Results, load
from ingestion.models import Channel
from workspaces.models import Workspace

#: Rows that are looked at before the index is asked.
CANDIDATES: Final = 5_000
#: Rows that are read for one page where no index helps.
WINDOW: Final = 20_000
_END_AND_BEYOND: Final = 2


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where to look: the workspace's channels that are not removed, or one of them."""

    channels: list[int]
    one: int | None

    @classmethod
    def of(cls, workspace: Workspace, channel: Channel | None) -> "_Scope":
        rows = Channel.objects.filter(workspace=workspace, removed_at=None)
        if channel is not None:
            rows = rows.filter(pk=channel.pk)
        channels = list(rows.values_list("pk", flat=True))
        return cls(channels, channels[0] if len(channels) == 1 else None)


@dataclass(frozen=True, slots=True)
class _Found:
    """Keys beyond a cursor, nearest first, one more than a page when there are. `ended_at` is
    where a window ended that did not reach the end.
    """

    keys: list[Key]
    ended_at: Key | None = None


_Look = Callable[[Cursor], _Found]


def newest(
    *,
    workspace: Workspace,
    channel: Channel | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Results:
    """The newest messages of a workspace, or of one channel of it, or those beyond a cursor."""
    scope = _Scope.of(workspace, channel)
    return _page(scope, cursor, limit, lambda place: _newest(scope, place, limit + 1))


def find(
    *,
    workspace: Workspace,
    query: str,
    channel: Channel | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Results:
    """The newest messages that hold the words of a query, as search engines read it: all words,
    `"a phrase"`, `or`, `-without`. An empty query finds all.
    """
    asked = Query.parse(query)
    if not asked.text:
        return newest(workspace=workspace, channel=channel, cursor=cursor, limit=limit)
    scope = _Scope.of(workspace, channel)
    nodes, indexable = _rows(_sql.CLASSIFY, {"query": asked.text})[0]
    by_pattern = asked.has_no_spaces or not nodes
    matching: dict[str, Any] = {
        "query": None if by_pattern else asked.text,
        "patterns": asked.patterns() if by_pattern else None,
    }
    if by_pattern or indexable in {"", "T"}:
        return _page(scope, cursor, limit, lambda at: _in_window(scope, at, limit + 1, matching))
    return _page(scope, cursor, limit, lambda at: _by_words(scope, at, limit + 1, matching))


def _page(scope: _Scope, text: str | None, limit: int, look: _Look) -> Results:
    cursor = Cursor.parse(text)
    if not scope.channels:
        return Results([])
    found = look(cursor)
    going_newer = cursor.direction is Direction.NEWER
    if going_newer and len(found.keys) <= limit and found.ended_at is None:
        # The beginning of the list: show it as it looks from there.
        cursor, going_newer = Cursor(), False
        found = look(cursor)
    keys = found.keys[:limit]
    is_more = len(found.keys) > limit
    beyond = keys[-1] if is_more else found.ended_at
    back = keys[0] if keys else cursor.key
    if going_newer:
        keys.reverse()
    messages, stats = load(keys)
    onward = str(replace(cursor, key=beyond)) if beyond else None
    return Results(
        messages,
        next_cursor=_opposite(cursor, back) if going_newer else onward,
        previous_cursor=onward if going_newer else _opposite(cursor, back) if cursor.key else None,
        looked_back_to=found.ended_at.date if found.ended_at and not is_more else None,
        stats=stats,
    )


def _opposite(cursor: Cursor, key: Key | None) -> str:
    going_newer = cursor.direction is Direction.NEWER
    return str(Cursor(Direction.OLDER if going_newer else Direction.NEWER, key))


def _newest(scope: _Scope, cursor: Cursor, limit: int) -> _Found:
    if scope.one is None:
        found = _keys(_sql.NEWEST_IN_WINDOW, scope, cursor, limit, window=CANDIDATES)
        if len(found) >= limit:
            return _Found(found)
    return _Found(_keys(_sql.NEWEST_OF_CHANNELS, scope, cursor, limit))


def _by_words(scope: _Scope, cursor: Cursor, limit: int, matching: dict[str, Any]) -> _Found:
    found = _look_through(scope, cursor, limit, CANDIDATES, matching)
    if len(found) < limit:
        found = _keys(_sql.MATCHES, scope, cursor, limit, **matching)
    return _Found(found)


def _in_window(scope: _Scope, cursor: Cursor, limit: int, matching: dict[str, Any]) -> _Found:
    found = _look_through(scope, cursor, limit, WINDOW, matching)
    if len(found) >= limit:
        return _Found(found)
    statement = _sql.END_OF_WINDOW if scope.one is None else _sql.END_OF_CHANNEL_WINDOW
    end = _keys(statement, scope, cursor, limit, window=WINDOW)
    return _Found(found, end[0] if len(end) == _END_AND_BEYOND else None)


def _look_through(
    scope: _Scope, cursor: Cursor, limit: int, window: int, matching: dict[str, Any]
) -> list[Key]:
    whole = scope.one is None
    statement = _sql.MATCHES_IN_WINDOW if whole else _sql.MATCHES_IN_CHANNEL_WINDOW
    return _keys(statement, scope, cursor, limit, window=window, **matching)


def _keys(
    statement: str, scope: _Scope, cursor: Cursor, limit: int, **parameters: Any
) -> list[Key]:
    if cursor.direction is Direction.NEWER:
        statement = _sql.mirrored(statement)
    rows = _rows(
        statement,
        {
            "channels": scope.channels,
            "one": scope.one,
            "limit": limit,
            **cursor.parameters(),
            **parameters,
        },
    )
    return [Key(date, channel_id, message_id) for channel_id, message_id, date in rows]


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
