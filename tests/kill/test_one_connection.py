"""However many workers there are, and whatever stops them: one session, one connection at a time.

Two at once end a session for good (AUTH_KEY_DUPLICATED). The sandbox sees to that as Telegram
does, so a session that is alive at the end is the proof.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Final

import psycopg
import pytest

from ingestion import sql
from ingestion.leases import Priority
from ingestion.models import Channel, ChannelLive
from ingestion.services import listening
from tests.kill.conftest import Installer
from tests.kill.crowd import CHANNELS, DELAY, IDS, Crowd
from tests.kill.installation import (
    PATIENCE,
    Installation,
    children_of,
    is_running,
    parent_of,
    wait_for,
)
from tgadmin.embedded.paths import postgres_url
from tgadmin.lib.leases import TERM

WORKERS: Final = 4
#: Seconds for which they compete at least, and how many have had their turn by then.
CROWDED: Final = 15.0
TURNS: Final = 6
#: Seconds of standstill: longer than any lease.
FROZEN: Final = TERM + 5

pytestmark = [pytest.mark.kill, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def crowd(installer: Installer) -> Iterator[Crowd]:
    place = installer(
        workers=WORKERS,
        world={"channels": CHANNELS, "messages": IDS, "delay": DELAY},
        TGADMIN_BATCH_SIZE="20",
        TGADMIN_SLICE_SECONDS="1",
    )
    yield Crowd(place)
    print(place.logs())


def test_many_workers_take_turns(crowd: Crowd, tell: Callable[[str], None]) -> None:
    until = time.monotonic() + CROWDED
    horses: set[int] = set()

    def over() -> bool:
        crowd.keep_busy()
        horses.add(crowd.place.horse_of(crowd.account) or 0)
        return time.monotonic() > until and len(horses - {0}) >= TURNS and crowd.all_were_read()

    wait_for(over, "turns of everybody", seconds=CROWDED + PATIENCE, every=0.05)
    crowd.assert_alive()
    connections = {entry["connection"] for entry in crowd.log()}
    tell(f"{len(connections)} connections of {len(horses - {0})} horses, one after the other")
    assert len(connections) >= TURNS


def test_a_horse_that_stands_still_is_ended_before_another_takes_over(
    crowd: Crowd, tell: Callable[[str], None]
) -> None:
    horse, _ = crowd.horse()
    before, began = crowd.committed(), time.monotonic()
    os.kill(horse, signal.SIGSTOP)
    try:
        wait_for(
            lambda: crowd.committed() > before + 2, "somebody who goes on", seconds=FROZEN + 10
        )
        resumed = time.monotonic() - began
        wait_for(lambda: time.monotonic() - began > FROZEN, "the time", seconds=FROZEN + 5)
    finally:
        if is_running(horse):
            os.kill(horse, signal.SIGCONT)
    tell(f"another went on after {resumed:.1f} s")
    crowd.assert_alive()
    assert not is_running(horse)


def test_workers_that_stood_still_keep_off_their_old_connections(
    crowd: Crowd, tell: Callable[[str], None]
) -> None:
    """As when the whole machine was paused: nobody there could see the time pass."""
    horse, connection = crowd.horse()
    worker = parent_of(horse)
    frozen = [worker, horse]
    for pid in crowd.place.slice_workers():
        frozen += [] if pid == worker else [pid, *children_of(pid)]
    before = crowd.place.sandbox.last_request()
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    wait_for(lambda: time.monotonic() - began > FROZEN, "the time", seconds=FROZEN + 5)
    after = crowd.place.sandbox.last_request()
    committed = crowd.committed()
    for pid in frozen:
        if is_running(pid):
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: crowd.committed() > committed + 2, "somebody who goes on", seconds=20)
    later = {entry["connection"] for entry in crowd.log(after)}
    tell(f"{after - before} requests while all stood still; then on a new connection")
    assert later
    assert connection not in later
    crowd.assert_alive()


def test_a_worker_that_comes_back_too_late_writes_nothing(
    crowd: Crowd, tell: Callable[[str], None]
) -> None:
    """It stood still in the middle of a transaction, on a machine whose network went away; its
    run is another worker's meanwhile, which waits with the same page for the transaction's end.
    """
    horse, _ = crowd.horse()
    worker = parent_of(horse)
    (run, channel), *_ = crowd.place.sql(
        "SELECT id, channel_id FROM ingestion_syncrun WHERE state = 'running'"
    )
    with psycopg.connect(postgres_url(crowd.place.data)) as ours:
        ours.execute(sql.LOCK_CHANNEL, {"channel": channel})
        (old,) = wait_for(lambda: crowd.blocked_by(ours.info.backend_pid), "a batch to write")
        for pid in (worker, horse):
            os.kill(pid, signal.SIGSTOP)
        ours.rollback()
    crowd.place.sandbox.control("drop")
    began = time.monotonic()
    try:
        wait_for(lambda: crowd.blocked_by(old), "another worker with the same page", seconds=40)
        tell(f"another waited with its batch after {time.monotonic() - began:.1f} s")
        before = crowd.progress(run)
        os.kill(horse, signal.SIGCONT)
        wait_for(lambda: crowd.progress(run) > before, "the run going on")
    finally:
        for pid in (horse, worker):
            if is_running(pid):
                os.kill(pid, signal.SIGCONT)
    crowd.finish()
    crowd.assert_alive()


def test_workers_and_a_listener_take_turns(
    crowd: Crowd, tell: Callable[[str], None], request: pytest.FixtureRequest
) -> None:
    """One minute; ten with `--crowded 600`. Telegram would end a session that is used twice."""
    place = crowd.place
    seconds = float(request.config.getoption("--crowded"))
    heard = crowd.channels[:2]
    for channel in heard:
        listening.set_live(channel=channel, live=True)
    peers = [channel.peer_id for channel in heard]
    until = time.monotonic() + seconds
    holders: set[str] = set()
    posted = 0

    def over() -> bool:
        nonlocal posted
        crowd.keep_busy()
        place.sandbox.post(peers[posted % 2], f"said {posted}")
        posted += 1
        row = place.sql(
            "SELECT priority, holder FROM ingestion_accountlease WHERE token IS NOT NULL"
        )
        holders.update(f"{priority}:{holder.rpartition(':')[2]}" for priority, holder in row)
        return time.monotonic() > until

    wait_for(over, "the end of the crowd", seconds=seconds + PATIENCE, every=0.1)
    crowd.assert_alive()
    listeners = {one for one in holders if one.startswith(f"{Priority.LISTENER}:")}
    tell(f"{len(holders)} holders, {len(listeners)} of them listeners, {posted} messages posted")
    # Waiting for half a minute gives it a turn, however busy the workers are.
    assert listeners
    assert len(holders - listeners) > seconds / 12
    place.sandbox.pace(delay=0)
    wait_for(lambda: place.read(lambda: _caught_up(place, heard)), "the rest", seconds=PATIENCE * 2)
    crowd.assert_alive()


def _caught_up(place: Installation, channels: list[Channel]) -> bool:
    """Whether every event of the world was read."""
    cards = {card["id"]: card["pts"] for card in place.sandbox.status()["channels"]}
    rows = ChannelLive.objects.filter(channel__in=channels).select_related("channel")
    return all(row.pts == cards[row.channel.peer_id] for row in rows)
