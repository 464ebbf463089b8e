"""How PostgreSQL answers the statements of reading: along indexes, never through the table."""

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from archive import ranking, stats, timeline
from archive.asking import understand
from archive.filters import Filters
from archive.query import ARE, HAS, TOKENS
from archive.search import _facets, _find, facets, find, newest
from archive.stats import rollup
from ingestion.models import Channel, ChannelTotals
from tests.explained import Statements
from tests.factories import make_channel
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

ROWS = 20_000

_LOAD = """
INSERT INTO ingestion_message (channel_id, message_id, date, edit_date, sender_id, author, text,
                               entities, kind, reply_to, forward, topic_id, links, hashtags,
                               first_seen_at, deleted_at, language)
SELECT channel, n, timestamptz '2026-01-01' + n * interval '1 minute',
       CASE WHEN n %% 30 = 0 THEN now() END,
       CASE WHEN n %% 12 = 0 THEN '77' ELSE '' END, CASE WHEN n %% 12 = 0 THEN 'Ada' ELSE '' END,
       concat('common word', n, repeat(' filler', 40),
              CASE WHEN n %% 50 = 0 THEN ' medium' END,
              CASE WHEN n < 100 THEN ' old' END,
              CASE WHEN n = 7777 THEN ' rare' END,
              CASE WHEN n %% 15 = 0 THEN ' #news' END),
       '[]', CASE WHEN n %% 25 = 0 THEN 'photo' WHEN n < 50 THEN 'poll' ELSE 'text' END,
       CASE WHEN n %% 20 = 0 THEN '{"top_id": 120}'::jsonb END,
       CASE WHEN n %% 60 = 0 THEN '{"from_name": "Ada"}'::jsonb END,
       CASE WHEN n %% 10 = 0 THEN 5 END,
       CASE WHEN n %% 15 = 0 THEN '{https://example.org/a}'::text[] ELSE '{}' END,
       CASE WHEN n %% 15 = 0 THEN '{News}'::text[] ELSE '{}' END,
       now(), CASE WHEN n %% 40 = 0 OR channel = %(emptied)s THEN now() END, CASE n %% 3 WHEN 0 THEN 'ru' ELSE 'en' END
FROM unnest(%(channels)s::bigint[]) AS channel, generate_series(1, %(rows)s) AS n
"""
_COUNTERS = """
INSERT INTO ingestion_messagestats (channel_id, message_id, views, reactions, content_hash,
                                    hash_version, counters_hash)
SELECT channel_id, message_id, message_id % 977, '{}', '', 1, '' FROM ingestion_message
"""
_RAW = """
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw)
SELECT channel_id, message_id, 'mtproto', '{"edit_hide": true}' FROM ingestion_message
WHERE edit_date IS NOT NULL
"""
_PINNED = """
INSERT INTO ingestion_pinnedmessage (channel_id, message_id, seen_at)
SELECT channel_id, message_id, now() FROM ingestion_message WHERE message_id % 5 = 0
"""
_SENDERS = """
INSERT INTO ingestion_sender (workspace_id, peer_id, kind, name, usernames, flags, first_seen_at)
SELECT %(workspace)s, n, 'user', concat('Ada ', n), ARRAY[concat('ada', n)], '{}', now()
FROM generate_series(1, 3000) AS n
"""
_TABLES = (
    "ingestion_message, ingestion_messagestats, ingestion_messageraw, ingestion_pinnedmessage, "
    "ingestion_sender"
)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Channel]:
    """Return one of two channels of a workspace; a third belongs to another, and all of it is deleted."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        channel = make_channel(username="planned")
        channels = [channel, make_channel(channel.workspace), make_channel()]
        cursor.execute(
            _LOAD,
            {"channels": [c.pk for c in channels], "emptied": channels[2].pk, "rows": ROWS // 2},
        )
        for statement in (_COUNTERS, _RAW, _PINNED):
            cursor.execute(statement)
        cursor.execute(_SENDERS, {"workspace": channel.workspace_id})
        for one in channels:
            ChannelTotals.objects.create(channel=one, messages=ROWS // 2)
            rollup.rebuild(one.pk)
        cursor.execute(f"VACUUM (ANALYZE) {_TABLES}")
    yield channel
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_TABLES}")
        Workspace.objects.filter(channels__in=channels).delete()


class Plans:
    """EXPLAIN of every statement that is executed."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            execute(f"EXPLAIN {sql}", params, many, context)
            lines = [row[0] for row in context["cursor"].fetchall()]
            self.found.append((sql, "\n".join(lines)))
        return execute(sql, params, many, context)

    def check(self) -> None:
        plans = [plan for sql, plan in self.found if "ingestion_message" in sql]
        assert plans
        for plan in plans:
            assert "Seq Scan on ingestion_message" not in plan, plan

    def using(self, index: str) -> list[str]:
        return [plan for _sql, plan in self.found if index in plan]


@pytest.fixture
def plans() -> Iterator[Plans]:
    found = Plans()
    with connection.execute_wrapper(found):
        yield found
    found.check()


QUERIES = ["", "common", "medium", "old", "rare", "nothing", "word7777", "common medium", "-common"]


@pytest.mark.parametrize("query", [*QUERIES, "世界", "🔥", "?!"])
def test_no_question_reads_the_whole_table(loaded: Channel, plans: Plans, query: str) -> None:
    for channel in (None, loaded):
        look = partial(find, workspace=loaded.workspace, query=query, channel=channel)
        page = look()
        if page.next_cursor:
            page = look(cursor=page.next_cursor)
            assert page.previous_cursor
            look(cursor=page.previous_cursor)
        look(order="relevance")


#: Filter → queries with it, one at least for each that the language has. Of those with a closed list of
#: values, all that are told apart in SQL.
ASKED: dict[str, list[str]] = {
    "channel": ["channel:@planned"],
    "from": ["from:77", 'from:"Ada 7"', "from:@ada7"],
    "has": [f"has:{value}" for value in HAS],
    "kind": ["kind:photo", "kind:poll", "kind:venue"],
    "after": ["after:2026-01-06"],
    "before": ["before:2026-01-03"],
    "on": ["on:2026-01-04"],
    "is": [*(f"is:{value}" for value in ARE), "-is:deleted"],
    "views": ["views:>970", "views:<3"],
    "lang": ["lang:ru", "lang:de"],
    "topic": ["topic:5", "topic:1"],
    "thread": ["thread:120"],
    "url": ["url:example.org", "url:elsewhere.example"],
    "tag": ["tag:news", "tag:nothing"],
    "re": ["re:/word77[0-9]+/i"],
}
WORDS = ["comm*", "word77*", '"common word7777"', "old OR rare", "rare -medium", "-common -rare"]
TOGETHER = [
    "rare from:77",
    "medium is:edited views:>100 after:2026-01-03",
    "kind:photo lang:ru before:2026-01-05",
    "is:deleted has:photo on:2026-01-04",
    "tag:news is:forwarded -medium",
    "re:/old/ topic:5 is:pinned",
    "channel:@planned url:example.org thread:120",
]


def test_the_plan_of_each_filter_is_looked_at(loaded: Channel) -> None:
    assert ASKED.keys() == TOKENS.keys()
    queries = [query for queries in ASKED.values() for query in queries]
    found = [understand(query, workspace=loaded.workspace, filters=Filters()) for query in queries]
    assert [one.mistakes for one in found] == [()] * len(queries)
    looked_at = {name for one in found for name, value in asdict(one.filters).items() if value}
    assert looked_at == {field.name for field in fields(Filters)} - {"words", "zone"}


@pytest.mark.parametrize(
    "query",
    [
        *(pytest.param(query, marks=pytest.mark.slow) for query in chain(*ASKED.values(), WORDS)),
        *TOGETHER,
    ],
)
def test_no_filter_makes_a_question_grow_with_the_archive(
    loaded: Channel, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """By itself and with a word, in one channel and in all, by date and by relevance, page by page."""
    for name, rows in (("CANDIDATES", 300), ("WINDOW", 600), ("NARROW_WINDOW", 900)):
        monkeypatch.setattr(_find, name, rows)
    asked = Statements()
    with connection.execute_wrapper(asked):
        for text, order in (
            (query, "date"),
            (f"{query} common", "relevance"),
            (f"{query} common", "date"),
        ):
            filters = understand(text, workspace=loaded.workspace, filters=Filters()).filters
            for channel in (None, loaded):
                look = partial(
                    find,
                    workspace=loaded.workspace,
                    channel=channel,
                    filters=filters,
                    order=order,
                    limit=10,
                )
                page = look()
                if page.next_cursor:
                    look(cursor=page.next_cursor)
    assert asked.found
    assert list(asked.faults(rows=ROWS // 4)) == []


def test_a_common_word_beside_a_rare_filter_is_found_window_by_window(
    loaded: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, rows in (("CANDIDATES", 300), ("WINDOW", 4_000)):
        monkeypatch.setattr(_find, name, rows)
    polls = Filters(kinds=("poll",))
    look = partial(find, workspace=loaded.workspace, channel=loaded, filters=polls)
    page, pages = look(query="common"), 1
    while not page.messages:
        assert page.looked_back_to
        page, pages = look(query="common", cursor=page.next_cursor), pages + 1
    assert pages == 3
    assert [one.message_id for one in page.messages] == [n for n in range(49, 0, -1) if n != 25]
    assert page.next_cursor is None
    best = look(query="common", order="relevance")
    assert (best.order, best.messages) == ("date", [])
    assert best.looked_back_to
    onward = look(query="common", order="relevance", cursor=best.next_cursor)
    assert onward.looked_back_to
    assert onward.looked_back_to < best.looked_back_to


def test_the_deleted_messages_of_a_channel_that_was_emptied(
    loaded: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_find, "CANDIDATES", 300)
    emptied = Channel.objects.exclude(workspace=loaded.workspace).get()
    asked = Statements()
    with connection.execute_wrapper(asked):
        look = partial(find, workspace=emptied.workspace, filters=Filters(are=("deleted",)))
        assert len(look(cursor=look().next_cursor).messages) == 50
    assert list(asked.faults(rows=ROWS // 4)) == []


@pytest.mark.parametrize(
    "filters",
    [
        *(Filters(words=words) for words in QUERIES[1:6]),
        Filters(kinds=("photo",)),
        Filters(words="?!"),
    ],
    ids=lambda one: one.words or one.kinds[0],
)
def test_facets_look_at_a_bounded_number(
    loaded: Channel, plans: Plans, monkeypatch: pytest.MonkeyPatch, filters: Filters
) -> None:
    for name, rows in (("FEW", 100), ("LOOKED_AT", 400), ("COUNTED", 100)):
        monkeypatch.setattr(_facets, name, rows)
    since = Filters(words=filters.words, kinds=filters.kinds, since=date(2026, 1, 5))
    for asked in (filters, since):
        facets(workspace=loaded.workspace, filters=asked)
    looked = [plan for sql, plan in plans.found if "fits" in sql]
    assert looked
    assert all("Limit" in plan for plan in looked)


def test_the_best_posts_are_found_among_a_bounded_number_of_counters(
    loaded: Channel, plans: Plans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.stats._top.WINDOW", 500)
    day, zone = date(2026, 1, 5), ZoneInfo("UTC")
    ranks = stats.ranks(channels=[loaded.pk], since=day, until=day, zone=zone)
    assert len(stats.top_posts(ranks).posts) == 5
    assert not ranks.is_whole
    assert "message_id <= " in plans.using("ingestion_messagestats_pkey")[0]


def test_rare_words_are_found_by_the_full_text_index_and_the_channel(
    loaded: Channel, plans: Plans
) -> None:
    assert len(find(workspace=loaded.workspace, query="rare").messages) == 2
    assert len(find(workspace=loaded.workspace, query="rare", channel=loaded).messages) == 1
    together, single = plans.using("msg_search")
    for plan in (together, single):
        conditions = [line for line in plan.splitlines() if "Index Cond" in line]
        assert any("tsv @@" in line for line in conditions), plan
    assert any("channel_id = " in line for line in single.splitlines() if "Index Cond" in line)


def test_rare_words_of_a_time_and_their_pages(loaded: Channel, plans: Plans) -> None:
    look = partial(find, workspace=loaded.workspace, query="rare")
    newer, older = look().messages
    day = newer.date.date()
    for there in (Filters(since=day), Filters(until=day), Filters(since=day, until=day)):
        assert look(filters=there).messages == [newer, older]
    one = timedelta(days=1)
    for elsewhere in (Filters(since=day + one), Filters(until=day - one)):
        assert look(filters=elsewhere).messages == []
    first = look(limit=1)
    second = look(limit=1, cursor=first.next_cursor)
    assert (first.messages, second.messages) == ([newer], [older])
    assert look(limit=1, cursor=second.previous_cursor).messages == [newer]


def test_words_of_the_newest_messages_need_no_full_text_index(
    loaded: Channel, plans: Plans
) -> None:
    assert len(find(workspace=loaded.workspace, query="common").messages) == 50
    assert plans.using("msg_newest")
    assert not plans.using("msg_search")


def test_the_newest_are_read_along_the_dates_at_any_depth(loaded: Channel, plans: Plans) -> None:
    deep = "older.1767400000000000.999.999"
    assert newest(workspace=loaded.workspace, cursor=deep).messages
    assert newest(workspace=loaded.workspace, channel=loaded, cursor=deep).messages
    walks = [plan for sql, plan in plans.found if "FROM ingestion_message message" in sql]
    assert len(walks) == 2
    for plan in walks:
        # Either will do for a channel that has a third of the messages.
        assert "msg_newest on" in plan or "msg_channel_newest on" in plan
        assert "date <= " in plan


def test_a_search_without_an_index_reads_a_bounded_window(loaded: Channel, plans: Plans) -> None:
    assert _find.WINDOW <= ROWS
    find(workspace=loaded.workspace, query="?!")
    windows = [plan for sql, plan in plans.found if "ILIKE" in sql]
    assert len(windows) == 1
    assert "Limit" in windows[0]


def test_a_conversation_is_read_along_the_primary_key_at_any_depth(
    loaded: Channel, plans: Plans
) -> None:
    timeline.newest(channel=loaded)
    timeline.around(channel=loaded, message_id=5_000)
    timeline.before(channel=loaded, message_id=5_000)
    timeline.after(channel=loaded, message_id=5_000)
    timeline.before(channel=loaded, message_id=5_000, topic=3)
    moment = datetime(2026, 1, 3, tzinfo=UTC)
    assert timeline.first_since(channel=loaded, moment=moment) == 2_880
    assert len(plans.using("ingestion_message_pkey")) >= 5
    by_date = [plan for _sql, plan in plans.found if "date >= " in plan]
    assert by_date
    assert all("Sort" not in plan or "Incremental Sort" in plan for plan in by_date)


@pytest.mark.parametrize("by", ranking.ORDERS)
def test_a_table_looks_at_no_more_than_its_window(
    loaded: Channel, plans: Plans, by: ranking.Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "WINDOW", 500)
    moments = (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    page = ranking.ranked(channel=loaded, since=moments[0], until=moments[1], by=by)
    assert len(page.messages) == ranking.LIMIT
    ranking.ranked(channel=loaded, since=moments[0], until=moments[1], by=by, place=page.next)
    index = "ingestion_message_pkey" if by == "date" else "ingestion_messagestats_pkey"
    walks = [plan for plan in plans.using(index) if "message_id >= " in plan]
    assert len(walks) >= 2
