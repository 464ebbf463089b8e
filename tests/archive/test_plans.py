"""How PostgreSQL answers the statements of reading: along indexes, never through the table."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from archive import ranking, stats, timeline
from archive.filters import Filters
from archive.search import _facets, _find, facets, find, newest
from ingestion.models import Channel
from tests.factories import make_channel
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

ROWS = 20_000

_LOAD = """
INSERT INTO ingestion_message (channel_id, message_id, date, sender_id, author, text, entities,
                               kind, links, hashtags, first_seen_at)
SELECT channel, n, timestamptz '2026-01-01' + n * interval '1 minute', '', '',
       concat('common word', n, repeat(' filler', 40),
              CASE WHEN n %% 50 = 0 THEN ' medium' END,
              CASE WHEN n < 100 THEN ' old' END,
              CASE WHEN n = 7777 THEN ' rare' END),
       '[]', 'text', '{}', '{}', now()
FROM unnest(%(channels)s::bigint[]) AS channel, generate_series(1, %(rows)s) AS n
"""
_COUNTERS = """
INSERT INTO ingestion_messagestats (channel_id, message_id, views, reactions, content_hash,
                                    hash_version, counters_hash)
SELECT channel_id, message_id, message_id % 977, '{}', '', 1, '' FROM ingestion_message
"""
_ANALYZE = "ANALYZE ingestion_message, ingestion_messagestats"


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Channel]:
    """Return one of two channels of a workspace; a third belongs to another."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        channel = make_channel()
        channels = [channel, make_channel(channel.workspace), make_channel()]
        cursor.execute(_LOAD, {"channels": [c.pk for c in channels], "rows": ROWS // 2})
        cursor.execute(_COUNTERS)
        cursor.execute(_ANALYZE)
    yield channel
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ingestion_message, ingestion_messagestats")
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
    for index in ("msg_newest", "msg_channel_newest"):
        (plan,) = plans.using(f"{index} on")
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
