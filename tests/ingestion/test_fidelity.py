"""What the world holds is archived, equal in every field, and no request is made in vain."""

from collections.abc import Callable

import pytest
from django.db import connection

from ingestion.coverage import absent_ranges, report
from ingestion.models import SyncRun
from sandbox.testing import SandboxProcess
from tests.ingestion.world import World, assert_equal_to_truth
from tgadmin.lib.ranges import IdRanges

State = SyncRun.State


@pytest.fixture
def reading(
    reading_sandbox: SandboxProcess, connect_to: Callable[[SandboxProcess], World]
) -> World:
    return connect_to(reading_sandbox)


def test_every_kind_of_channel_is_archived_as_it_is(reading: World) -> None:
    readable = [
        item
        for item in reading.sandbox.status()["channels"]
        if item["username"] and item["kind"] != "private"
    ]
    assert len({item["kind"] for item in readable}) >= 3
    for item in readable:
        channel = reading.add(item["username"])
        since = reading.sandbox.last_request()
        runs = reading.sync(channel)
        assert {run.state for run in runs.values()} == {State.DONE}
        truth = reading.sandbox.truth(item["id"])
        assert_equal_to_truth(channel, truth)
        channel.refresh_from_db()
        found = report(channel)
        assert found.top_id == item["top_id"]
        assert not found.gaps
        assert len(found.hidden) == item["hidden"]
        assert found.messages + found.absent == len(found.covered)
        assert len(found.covered) + len(found.hidden) == found.top_id
        visible = {m["id"] for m in truth["messages"] if not m["hidden"]}
        holes = found.covered - IdRanges.single(visible)
        assert sorted(absent_ranges(channel, limit=10_000)) == list(holes.pairs)
        requests = reading.history_requests(since)
        asked = [(r["params"]["offset_id"], r["params"]["min_id"]) for r in requests]
        assert len(asked) == len(set(asked))
        returned = [number for r in requests for number in r["ids"]]
        assert len(returned) == len(set(returned)), "no message was asked for twice"


def counted_writes() -> int:
    """PostgreSQL's own count; the backends of slices tell theirs when they end."""
    with connection.cursor() as cursor:
        others = 1
        while others:
            cursor.execute(
                """SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()"""
            )
            others = cursor.fetchone()[0]
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            """SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables
               WHERE relname IN ('ingestion_message', 'ingestion_messagestats',
                   'ingestion_messageraw', 'ingestion_messagerevision', 'ingestion_coverage')"""
        )
        return int(cursor.fetchone()[0])


def test_unchanged_history_synced_again_writes_no_row(reading: World) -> None:
    channel = reading.add("channel_1")
    reading.sync(channel)
    before = counted_writes()
    runs = reading.sync(channel)
    assert runs["refresh"].unchanged > 400
    assert counted_writes() == before
