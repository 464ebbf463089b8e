"""From a question to a page.

Words are looked for in steps, because the planner misjudges `tsv @@ query ORDER BY date LIMIT 50`:
first among the newest candidates, which answers common words at once; then by the full-text index,
which answers rare ones, and those in between only as far as they should be found by what was met
so far. A common word beside a filter that hardly any message passes is looked for in a window, and so
is what no index answers (signs, "everything but", most filters): among so many of the newest
messages; the next page goes on below.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from archive.filters import Filters, Matching, matching
from archive.search import _ranked, _sql
from archive.search._cursor import Cursor, Direction, Key
from archive.search._facets import sizes
from archive.search._reach import reach_of
from archive.search._results import Results, load
from archive.search._scope import Scope
from archive.search.highlight import prepare
from ingestion.models import Channel
from workspaces.models import Workspace

#: Rows that are looked at before the index is asked.
CANDIDATES: Final = 5_000
#: So many matches among them say that there may be thousands, and how far apart they are;
_SOME: Final = 4
#: and so many times a page is looked for then, because they come in bursts; where that was too
#: little, again by what it told. Each time as long as it takes to go through the dates in between.
_AMPLE: Final = (1.5, 2)
#: Rows whose texts are read for one page where no index helps.
WINDOW: Final = 20_000
#: The same where only short columns are looked at.
NARROW_WINDOW: Final = 60_000
#: Rows of each channel, at least, where a window is shared by several.
_SHARE: Final = 1_000
_END_AND_BEYOND: Final = 2


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
    filters: Filters | None = None,
) -> Results:
    """The newest messages of a workspace, or of one channel of it, or those beyond a cursor;
    of those that `filters` let through, whose words do not count here.
    """
    known = [channel] if channel else []
    asked = replace(filters or Filters(), words="")
    return _select(asked, workspace, channel, cursor, limit, known)


def find(
    *,
    workspace: Workspace,
    query: str = "",
    channel: Channel | None = None,
    cursor: str | None = None,
    limit: int = 50,
    filters: Filters | None = None,
    order: str = "date",
    known: Sequence[Channel] = (),
) -> Results:
    """The newest messages that hold the words of a query, as search engines read it: all words,
    `"a phrase"`, `or`, `-without`. An empty query finds all. `filters` narrow it down; their
    words are taken where `query` has none. With `order="relevance"` the best come first, where
    there are words to tell (`Results.order`), among so many of the newest (`Results.ranked_of`).
    `known` channels need not be asked for.
    """
    known = [channel] if channel else known
    asked = filters or Filters()
    asked = replace(asked, words=query) if query else asked
    if order == "relevance":
        wanted = matching(asked.words, tags=asked.tags)
        if wanted.indexed and asked.words:
            return _best(asked, wanted, workspace, channel, cursor, limit, known)
    if cursor and _ranked.is_place(cursor):
        cursor = None  # of another order
    return _select(asked, workspace, channel, cursor, limit, known)


def _best(
    filters: Filters,
    wanted: Matching,
    workspace: Workspace,
    channel: Channel | None,
    cursor: str | None,
    limit: int,
    known: Sequence[Channel],
) -> Results:
    place = _ranked.Place.parse(cursor)
    scope = Scope.of(workspace, channel, filters)
    if not scope.channels:
        return Results([], order="relevance")
    scope.parameters.update(wanted.parameters())
    window = _sql.MATCHES_IN_WINDOW if scope.one is None else _sql.MATCHES_IN_CHANNEL_WINDOW
    # One more than a page among the newest is enough to order; else it is a rare word.
    found = _keys(window, scope, place.cursor(), _ranked.MOST, window=CANDIDATES)
    is_all = False
    if len(found) <= limit and _leads_to_too_many(scope, place.cursor(), window):
        # Window by window there are too few at a time to be ordered.
        by_date = cursor if cursor and Cursor.is_one(cursor) else None
        return _select(filters, workspace, channel, by_date, limit, known)
    if len(found) <= limit:
        found = _keys(_sql.MATCHES, scope, place.cursor(), _ranked.MOST + 1)
        is_all = len(found) <= _ranked.MOST
        found = found[: _ranked.MOST]
    elif len(found) < _ranked.MOST:
        last = _sql.END_OF_WINDOW if scope.one is None else _sql.END_OF_CHANNEL_WINDOWS
        ending = _keys(last, scope, place.cursor(), limit, window=CANDIDATES)
        is_all = len(ending) < _END_AND_BEYOND
    place = place if place.newest or not found else replace(place, newest=found[0])
    keys = _ranked.ordered(found, wanted.query)
    shown = keys[place.start : place.start + limit]
    messages, stats = load(shown, known)
    prepare((message.text for message in messages), filters.words)
    end = place.start + limit
    return Results(
        messages,
        next_cursor=place.at(end) if end < len(keys) else None,
        previous_cursor=place.at(max(place.start - limit, 0)) if place.start else None,
        order="relevance",
        ranked_of=None if is_all else len(keys),
        stats=stats,
    )


def _select(
    filters: Filters,
    workspace: Workspace,
    channel: Channel | None,
    cursor: str | None,
    limit: int,
    known: Sequence[Channel],
) -> Results:
    scope = Scope.of(workspace, channel, filters)
    wanted = matching(filters.words, tags=filters.tags)
    scope.parameters.update(wanted.parameters())
    most = limit + 1
    look: _Look
    if wanted.indexed:

        def look(place: Cursor) -> _Found:
            return _by_words(scope, place, most)
    elif "deleted" in filters.are:

        def look(place: Cursor) -> _Found:
            return _deleted(scope, place, most)
    elif filters.looks_at_rows or filters.words.strip():
        reads_texts = filters.words.strip() or filters.pattern
        window = WINDOW if reads_texts else NARROW_WINDOW

        def look(place: Cursor) -> _Found:
            return _in_window(scope, place, most, window)
    else:

        def look(place: Cursor) -> _Found:
            return _newest(scope, place, most)

    return _page(scope, cursor, limit, look, filters.words, known)


def _page(
    scope: Scope,
    text: str | None,
    limit: int,
    look: _Look,
    words: str,
    known: Sequence[Channel],
) -> Results:
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
    messages, stats = load(keys, known)
    prepare((message.text for message in messages), words)
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


def _newest(scope: Scope, cursor: Cursor, limit: int) -> _Found:
    if scope.one is None:
        found = _keys(_sql.NEWEST_IN_WINDOW, scope, cursor, limit, window=CANDIDATES)
        if len(found) >= limit:
            return _Found(found)
    return _Found(_keys(_sql.NEWEST_OF_CHANNELS, scope, cursor, limit))


def _deleted(scope: Scope, cursor: Cursor, limit: int) -> _Found:
    """Of a channel that was emptied the newest are at hand; else they are few."""
    statement = _sql.MATCHES_IN_WINDOW if scope.one is None else _sql.MATCHES_IN_CHANNEL_WINDOW
    found = _keys(statement, scope, cursor, limit, window=CANDIDATES)
    if len(found) >= limit:
        return _Found(found)
    return _Found(_keys(_sql.MATCHES, scope, cursor, limit))


def _by_words(scope: Scope, cursor: Cursor, limit: int) -> _Found:
    whole = scope.one is None
    statement = _sql.MATCHES_IN_WINDOW if whole else _sql.MATCHES_IN_CHANNEL_WINDOW
    found = _keys(statement, scope, cursor, limit, window=CANDIDATES)
    if len(found) >= limit:
        return _Found(found)
    ending = _ending(scope, cursor)
    if ending is None:
        return _Found(found)  # everything was looked at
    # Of a phrase the index knows its words only, so that those which have them are read, too.
    is_phrase = "<->" in scope.parameters["query"]
    is_rare = len(found) < (1 if is_phrase else _SOME)
    if not is_rare:
        near, is_all = _nearby(scope, cursor, limit, ending, len(found))
        if len(near) >= limit or is_all:
            return _Found(near)
    if _leads_to_too_many(scope, cursor, statement):
        return _in_window(scope, cursor, limit, WINDOW)
    if is_rare and not is_phrase:
        return _Found(_keys(_sql.RARE_MATCHES, scope, cursor, limit))
    return _Found(_keys(_sql.MATCHES, scope, cursor, limit))


def _leads_to_too_many(scope: Scope, cursor: Cursor, statement: str) -> bool:
    """Whether the words alone, of which the index knows, are had by so many more messages than what
    is asked for (`filters`, a phrase, signs) that finding these takes reading more than a window.
    """
    words = scope.by_words_alone
    if words is None:
        return False
    met = len(_keys(statement, words, cursor, CANDIDATES, window=CANDIDATES))
    return met * sum(sizes(scope.channels, scope.filters).values()) > WINDOW * CANDIDATES


def _nearby(
    scope: Scope, cursor: Cursor, limit: int, ending: datetime, met: int
) -> tuple[list[Key], bool]:
    """Matches no further than where there should be enough of them, after so many were met among
    the candidates; fewer where there were not, and whether there are no others.
    """
    older = cursor.direction is Direction.OLDER
    near: list[Key] = []
    rows: float = CANDIDATES
    for ample in _AMPLE:
        wanted = ample * limit * rows / met
        reach = reach_of(wanted - CANDIDATES, channel=scope.one, place=ending, older=older)
        if reach is None:
            break
        near = _keys(_sql.NEAR_MATCHES, scope, cursor, limit, reach=reach)
        last = scope.parameters["since" if older else "until"]
        is_all = last is not None and (reach <= last if older else reach >= last)
        if len(near) >= limit or is_all:
            return near, is_all
        if len(near) <= met:
            break
        rows, met = wanted, len(near)
    return near, False


def _ending(scope: Scope, cursor: Cursor) -> datetime | None:
    """When the row behind the candidates was posted; None where there is none."""
    statement = _sql.ENDING
    if cursor.direction is Direction.NEWER:
        statement = _sql.mirrored(statement)
    with connection.cursor() as db:
        places = cursor.parameters() | {"one": scope.one, "window": CANDIDATES}
        db.execute(statement, scope.parameters | places)
        row = db.fetchone()
    return row[0] if row else None


def _in_window(scope: Scope, cursor: Cursor, limit: int, window: int) -> _Found:
    """Chosen channels have windows of their own: that of the table may hold none of their rows."""
    if not scope.chosen and scope.one is None:
        found = _keys(_sql.MATCHES_IN_WINDOW, scope, cursor, limit, window=window)
        if len(found) >= limit:
            return _Found(found)
        end = _keys(_sql.END_OF_WINDOW, scope, cursor, limit, window=window)
        return _Found(found, end[0] if len(end) == _END_AND_BEYOND else None)
    share = window if scope.one else max(window // len(scope.channels), _SHARE)
    one = scope.one is not None
    statement = _sql.MATCHES_IN_CHANNEL_WINDOW if one else _sql.MATCHES_IN_CHANNEL_WINDOWS
    found = _keys(statement, scope, cursor, limit, window=share)
    if one and len(found) >= limit:
        return _Found(found)
    return _up_to_the_nearest_end(scope, cursor, found, share)


def _up_to_the_nearest_end(scope: Scope, cursor: Cursor, found: list[Key], window: int) -> _Found:
    """What was found before the first of the windows ends: behind it, that channel may have more
    of which nothing is known yet.
    """
    by_channel: dict[int, list[Key]] = {}
    for key in _keys(_sql.END_OF_CHANNEL_WINDOWS, scope, cursor, 0, window=window):
        by_channel.setdefault(key.channel_id, []).append(key)
    older = cursor.direction is Direction.OLDER
    nearest, farthest = (max, min) if older else (min, max)
    ends = [
        nearest(keys, key=_order) for keys in by_channel.values() if len(keys) == _END_AND_BEYOND
    ]
    if not ends:
        return _Found(found)
    end = nearest(ends, key=_order)
    before = [key for key in found if farthest(key, end, key=_order) == end]
    return _Found(before, end)


def _order(key: Key) -> tuple[Any, int, int]:
    return key.date, key.channel_id, key.message_id


def _keys(statement: str, scope: Scope, cursor: Cursor, limit: int, **parameters: Any) -> list[Key]:
    if cursor.direction is Direction.NEWER:
        statement = _sql.mirrored(statement)
    with connection.cursor() as db:
        db.execute(
            statement,
            {
                "channels": scope.channels,
                "one": scope.one,
                "limit": limit,
                **cursor.parameters(),
                **scope.parameters,
                **parameters,
            },
        )
        return [Key(date, channel_id, message_id) for channel_id, message_id, date in db.fetchall()]
