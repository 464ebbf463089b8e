"""Whoever freezes with a channel's lock in its hands loses it, and what it had not finished.

A process that stands still is, for PostgreSQL, a connection over which nothing comes: so it is here.
"""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from ingestion import leases, signals, sql
from ingestion.models import Channel, Message
from ingestion.writer import Batch, write
from tests.factories import make_channel, make_record
from tgadmin.lib import databases

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30.0


@pytest.fixture
def channel() -> Channel:
    return make_channel()


@pytest.fixture
def other(channel: Channel) -> Iterator["psycopg.Connection[Any]"]:
    """A connection of somebody who takes the channel's lock, and says nothing more."""
    with psycopg.connect(**connections["default"].get_connection_params()) as theirs:
        theirs.execute(sql.LOCK_CHANNEL, {"channel": channel.pk})
        yield theirs


def batch(channel: Channel, text: str) -> Batch:
    made = Batch(channel.pk, "desktop")
    made.records[1] = make_record(1, text=text)
    return made


def test_a_batch_that_stands_still_is_ended_by_the_server_and_loses_cleanly(
    channel: Channel,
) -> None:
    limits: list[str] = []
    stands, goes_on = threading.Event(), threading.Event()
    ended: list[BaseException] = []

    def stand_still(**_: Any) -> None:
        if threading.current_thread().name == "frozen":
            with connection.cursor() as cursor:
                cursor.execute("SHOW idle_in_transaction_session_timeout")
                limits.extend(cursor.fetchone())
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout TO '300ms'")
            stands.set()
            goes_on.wait(PATIENCE)

    def frozen() -> None:
        try:
            write(batch(channel, "of the one that froze"))
        except databases.AWAY as error:
            ended.append(error)
        finally:
            connection.close()

    signals.batch_writing.connect(stand_still, weak=False, dispatch_uid="stand_still")
    thread = threading.Thread(target=frozen, name="frozen")
    thread.start()
    try:
        assert stands.wait(PATIENCE)
        # Waits for the lock until the server has ended the other transaction.
        outcome = write(batch(channel, "of the one that went on"))
    finally:
        goes_on.set()
        thread.join(PATIENCE)
        signals.batch_writing.disconnect(dispatch_uid="stand_still")
    assert outcome.new == [1]
    assert (len(ended), limits) == (1, ["2min"])
    assert list(Message.objects.values_list("text", flat=True)) == ["of the one that went on"]


def test_one_that_stands_still_in_the_middle_of_a_copy_is_ended_by_the_tick(
    channel: Channel, other: "psycopg.Connection[Any]"
) -> None:
    """No limit of PostgreSQL's own ends a COPY whose other end is silent."""
    other.execute("SET LOCAL idle_in_transaction_session_timeout TO 0")
    other.execute("CREATE TEMPORARY TABLE scratch (number int)")

    def copy_and_stand_still() -> None:
        with other.cursor() as cursor, cursor.copy("COPY scratch FROM STDIN") as copy:
            copy.write("1\n")
            assert leases.end_frozen() == 0, "it may just be slow"
            while not leases.end_frozen(seconds=0):
                pass
            assert write(batch(channel, "of the one that went on")).new == [1]
            copy.write("2\n")

    with pytest.raises(psycopg.OperationalError):
        copy_and_stand_still()
    assert Message.objects.count() == 1


def test_whoever_holds_no_channel_is_left_alone(other: "psycopg.Connection[Any]") -> None:
    other.rollback()
    other.execute("SELECT 1")
    assert leases.end_frozen(seconds=0) == 0


def test_every_connection_has_limits_for_silence() -> None:
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("2min",)
    parameters = connection.get_connection_params()
    assert parameters["keepalives"] == 1
    assert parameters["keepalives_idle"] + 5 * parameters["keepalives_count"] <= 30
    assert parameters["tcp_user_timeout"] == 30_000


def test_behind_a_pooler_nothing_is_set_that_somebody_else_would_get() -> None:
    guard = connection.copy()
    guard.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = True
    try:
        with guard.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            assert cursor.fetchone() == ("0",)
    finally:
        guard.close()
