"""Backfills: every row once, whatever is killed; each of them makes right what was wrong."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.state import ProjectState
from django.utils import timezone
from telethon.tl import types

from archive.models import ChannelDay
from archive.stats import rollup
from ingestion import backfills, tasks
from ingestion.backfills import operations, registry
from ingestion.models import Backfill, Message, MessageStats
from ingestion.sources.mtproto.mapping import map_message
from tests.factories import archive_messages, make_channel, make_record
from tests.ingestion.sources.mtproto import samples
from tgadmin.lib.logs.context import ContextFilter

pytestmark = pytest.mark.django_db

State = Backfill.State


class Walk:
    """A backfill that notes which messages it saw, five at a time, and fails when it is told to."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.fails = False

    def step(self, cursor: backfills.Cursor | None, limit: int) -> backfills.Step:
        found = backfills.stretch(cursor, limit)
        if found is None:
            return backfills.Step(None)
        if self.fails:
            raise RuntimeError("broken")
        rows = Message.objects.filter(channel__gte=found.after[0], channel__lte=found.last[0])
        keys = sorted(rows.values_list("channel_id", "message_id"))
        self.seen += [message for _, message in keys if found.after < (_, message) <= found.last]
        return backfills.Step(found.cursor, found.rows, found.rows)


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    made = Walk()
    monkeypatch.setattr(registry, "_known", dict(registry._known))
    backfills.register(backfills.Kind("walk", "Walk", made.step, lambda: 12, batch=5))
    archive_messages(make_channel(), [make_record(number) for number in range(1, 8)])
    archive_messages(make_channel(), [make_record(number) for number in range(8, 13)])
    return made


def work(name: str = "walk", **options: Any) -> Backfill:
    row = Backfill.objects.get(pk=name)
    backfills.work_slice(name, row.slice, **options)
    row.refresh_from_db()
    return row


def finish(name: str) -> Backfill:
    row = backfills.start(name)
    while row.state == State.QUEUED:
        row = work(name)
    return row


def test_every_row_is_seen_once_across_channels_and_slices(walk: Walk) -> None:
    backfills.start("walk")
    row = work(seconds=0)
    assert (row.state, row.rows, walk.seen) == (State.QUEUED, 5, [1, 2, 3, 4, 5])
    assert row.left is not None
    assert row.estimate == 12
    while row.state == State.QUEUED:
        row = work(seconds=0)
    assert (row.state, row.rows, row.changed, row.cursor) == (State.DONE, 12, 12, None)
    assert walk.seen == list(range(1, 13))
    # A slice that was queued twice finds nothing to do.
    assert not backfills.work_slice("walk", row.slice)


def test_what_a_dead_worker_left_goes_on_behind_its_last_batch(walk: Walk) -> None:
    backfills.start("walk")
    row = work(seconds=0)
    Backfill.objects.update(state=State.RUNNING, heartbeat_at=timezone.now())
    assert backfills.revive() == 0
    assert backfills.due() == []
    Backfill.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert backfills.revive() == 1
    assert backfills.due() == [("walk", row.slice + 1)]
    assert finish("walk").rows == 12
    assert walk.seen == list(range(1, 13))


def test_pause_and_start_and_begin_anew(walk: Walk) -> None:
    backfills.start("walk")
    work(seconds=0)
    assert backfills.pause("walk")
    assert not backfills.pause("walk")
    assert backfills.due() == []
    assert backfills.start("walk").rows == 5
    assert finish("walk").rows == 12
    assert backfills.start("walk").rows == 0
    work(seconds=0)
    assert backfills.start("walk", anew=True).cursor is None


def test_a_worker_that_was_paused_writes_nothing_more(walk: Walk) -> None:
    backfills.start("walk")

    def press(_row: Backfill) -> None:
        backfills.pause("walk")

    row = work(tell_of=press)
    assert (row.state, row.rows, walk.seen) == (State.PAUSED, 5, [1, 2, 3, 4, 5])


def test_errors_wait_longer_and_longer_and_end_it(walk: Walk) -> None:
    walk.fails = True
    backfills.start("walk")
    row = work()
    assert (row.state, row.attempts) == (State.QUEUED, 1)
    assert "RuntimeError" in row.error
    assert backfills.due() == []
    for _ in range(4):
        Backfill.objects.update(not_before=None)
        row = work()
    assert row.state == State.FAILED
    walk.fails = False
    row = finish("walk")
    assert (row.state, row.rows, row.attempts, bool(row.error)) == (State.DONE, 12, 0, False)


def test_days_are_counted_anew_and_days_without_messages_go() -> None:
    channel, other = make_channel(), make_channel()
    archive_messages(channel, [make_record(number) for number in range(1, 4_000, 300)])
    archive_messages(other, [make_record(1)])
    right = list(ChannelDay.objects.order_by("channel_id", "day").values())
    ChannelDay.objects.filter(channel=channel).update(messages=7, hours=[0] * 24)
    ChannelDay.objects.filter(channel=other).delete()
    day = right[0]["day"]
    ChannelDay.objects.create(channel=channel, day=day - timedelta(days=9), hours=[1] * 24)
    kind = backfills.known()["days"]
    step = kind.step(None, 4)
    changed = step.changed
    while step.cursor is not None:
        step = kind.step(step.cursor, 4)
        changed += step.changed
    assert list(ChannelDay.objects.order_by("channel_id", "day").values()) == right
    assert changed == len(right) + 1
    assert rollup.check(channel.pk) == []
    row = finish("days")
    assert (row.rows, row.changed) == (15, 0)


def test_hashes_of_an_earlier_version_are_made_again_from_the_records() -> None:
    channel = make_channel()
    sent = [
        map_message(samples.message(id=number, message="words #tag", entities=entities))
        for number, entities in ((1, [types.MessageEntityHashtag(6, 4)]), (2, []), (3, []))
    ]
    archive_messages(channel, sent)
    stats = MessageStats.objects.filter(channel=channel).order_by("message_id")
    right = [(bytes(row.content_hash), row.hash_version) for row in stats]
    stats.exclude(message_id=3).update(content_hash=b"old", hash_version=1)
    row = finish("hashes")
    assert (row.rows, row.changed) == (3, 2)
    assert [(bytes(row.content_hash), row.hash_version) for row in stats] == right
    outcome = archive_messages(channel, sent)
    assert (outcome.changed, outcome.unchanged) == ([], 3)


def test_vectors_that_are_right_are_not_written() -> None:
    archive_messages(make_channel(), [make_record(number) for number in range(1, 6)])
    row = finish("vectors")
    assert (row.rows, row.changed) == (5, 0)


def test_vectors_from_before_there_were_stems_are_made_anew() -> None:
    channel = make_channel()
    archive_messages(channel, [make_record(1, text="The boats are running late in the canals")])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ingestion_message DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ingestion_message SET language = NULL, tsv = to_tsvector('simple', text)"
        )
        cursor.execute("ALTER TABLE ingestion_message ENABLE TRIGGER USER")
    row = finish("vectors")
    assert (row.rows, row.changed) == (1, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT language, tsv @@ 'run & ~en'::tsquery FROM ingestion_message")
        assert cursor.fetchone() == ("en", True)


def test_a_migration_starts_one_where_there_are_messages(walk: Walk) -> None:
    operation = operations.StartBackfill("walk")
    state = ProjectState.from_apps(Message._meta.apps)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("ingestion", editor, state, state)
    assert backfills.due() == [("walk", 0)]
    assert finish("walk").estimate == 12
    Backfill.objects.all().delete()
    Message.objects.all().delete()
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("ingestion", editor, state, state)
    assert not Backfill.objects.exists()


def test_the_command_lists_works_and_pauses(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backfill", "--json")
    told = {row["name"]: row for row in json.loads(capsys.readouterr().out)["backfills"]}
    assert {"days", "hashes", "vectors", "walk"} <= set(told)
    assert told["walk"]["state"] is None
    call_command("backfill", "walk", "--queue")
    assert "queued, 0 of 12" in capsys.readouterr().out
    call_command("backfill", "walk", "--pause")
    assert "paused" in capsys.readouterr().out
    call_command("backfill", "walk", "--json")
    (row,) = json.loads(capsys.readouterr().out)["backfills"]
    assert (row["state"], row["rows"], row["seconds_left"]) == ("done", 12, None)
    with pytest.raises(CommandError, match="Say which"):
        call_command("backfill", "--anew")


def test_the_tick_queues_it_for_the_workers(
    walk: Walk, valkey: Any, django_capture_on_commit_callbacks: Any
) -> None:
    backfills.start("walk")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.requeue_backfills()
    assert valkey.llen("rq:queue:exports") == 1
    finish("walk")
    assert Backfill.objects.get(pk="walk").state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_what_is_logged_of_it_names_it(
    walk: Walk, valkey: object, caplog: pytest.LogCaptureFixture
) -> None:
    walk.fails = True
    caplog.handler.addFilter(ContextFilter())
    tasks.run_backfill("walk", backfills.start("walk").slice)
    assert [vars(record)["ids"] for record in caplog.records] == [{"backfill": "walk"}]
