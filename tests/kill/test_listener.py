"""kill -9 of the listener and of what it stands on, while channels go on: the truth is archived at
the end, nothing twice, and the coverage knows it.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import pytest

from ingestion.coverage import report
from ingestion.models import (
    Account,
    Channel,
    ChannelLive,
    ChannelTotals,
    Message,
    MessageRevision,
    SyncRun,
)
from ingestion.services import listening
from ingestion.services.listening import Standing
from tests.ingestion.world import assert_equal_to_truth
from tests.kill.conftest import Installer
from tests.kill.installation import Installation, TimeIsUp, children_of, is_running, wait_for
from tgadmin.embedded.paths import postgres_url
from tgadmin.lib.leases import TERM

CHANNELS: Final = 2
IDS: Final = 300
#: Seconds until somebody listens again: a lease ends, a process starts, a connection is made.
BACK_WITHIN: Final = 30.0
TARGETS: Final = ("child", "parent", "postgres")
PHASES: Final = ("anywhen", "writing", "catching up")

pytestmark = [pytest.mark.kill, pytest.mark.timeout(420)]


class Audience:
    """Channels that are listened to, and a world that goes on."""

    def __init__(self, place: Installation, rng: random.Random) -> None:
        self.place = place
        self.rng = rng
        self.account: Account = place.connect_account()
        self.channels = [
            place.add_channel(self.account, f"channel_{n + 1}") for n in range(CHANNELS)
        ]
        self.edits = 0
        for channel in self.channels:
            self.place.read(lambda channel=channel: self._begin(channel))  # type: ignore[misc]
        self.wait_until_heard()

    def _begin(self, channel: Channel) -> None:
        from ingestion.services import runs

        runs.request_sync(channel=channel)
        listening.set_live(channel=channel, live=True)

    def wait_until_heard(self) -> None:
        """Every sync is done, and every channel is listened to."""

        def heard() -> bool:
            busy = SyncRun.objects.filter(state__in=SyncRun.ACTIVE).exists()
            found = listening.of(Channel.objects.filter(pk__in=[c.pk for c in self.channels]))
            return not busy and all(one.standing == Standing.LIVE for one in found.values())

        wait_for(
            lambda: self.place.read(heard), "everything heard", seconds=BACK_WITHIN + 60, every=0.1
        )

    def happen(self, count: int = 12) -> None:
        """Posts, edits, deletions and counters."""
        world = self.place.sandbox
        for _ in range(count):
            peer = self.rng.choice(self.channels).peer_id
            posted = world.post(peer, f"said {self.rng.random()}")["id"]
            roll = self.rng.random()
            if roll < 0.4:
                self.edits += 1
                world.edit(peer, posted, text=f"corrected {self.rng.random()}")
            elif roll < 0.6:
                world.delete(peer, posted, self.rng.randrange(2, IDS))
            elif roll < 0.8:
                world.set_counters(peer, posted, views=self.rng.randrange(10**6), forwards=3)

    # processes

    def parent(self) -> int:
        return self.place.process("listener")

    def child(self) -> int:
        """The process that listens."""
        return wait_for(
            lambda: next(iter(children_of(self.parent())), None), "a listening child", every=0.02
        )

    def kill(self, target: str) -> None:
        if target == "postgres":
            pid = self.place.process("postgres")
        else:
            pid = self.child() if target == "child" else self.parent()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_running(pid), "its end", every=0.01)

    # moments

    @contextmanager
    def anywhen(self) -> Iterator[None]:
        self.happen()
        yield
        self.happen()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A batch is being written: its transaction waits for a lock that we hold."""
        with psycopg.connect(postgres_url(self.place.data)) as ours:
            ours.execute("LOCK TABLE ingestion_message IN SHARE MODE")
            self.happen(3)
            wait_for(
                lambda: self.place.sql(
                    "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))",
                    ours.info.backend_pid,
                ),
                "a batch being written",
            )
            yield
            with contextlib.suppress(psycopg.Error):
                ours.rollback()

    @contextmanager
    def catching_up(self) -> Iterator[None]:
        """It has just come back, and asks what it missed, slowly."""
        world = self.place.sandbox
        os.kill(self.child(), signal.SIGKILL)
        for number in range(120):
            world.post(self.channels[0].peer_id, f"missed {number}")
        world.pace(delay=0.3)
        since = world.last_request()
        wait_for(
            lambda: world.requests(since, method="updates.getChannelDifference"),
            "a question about what was missed",
            seconds=BACK_WITHIN,
            every=0.02,
        )
        yield
        world.pace()

    # the end

    def check(self) -> None:
        """What is archived is what the world holds."""
        self.wait_until_caught_up()
        for channel in self.channels:
            truth = self.place.sandbox.truth(channel.peer_id)
            assert_equal_to_truth(channel, truth)
            channel.refresh_from_db()
            found = report(channel)
            assert not found.gaps
            assert found.messages + found.absent == len(found.covered)
            totals = ChannelTotals.objects.get(channel=channel)
            rows = Message.objects.filter(channel=channel)
            assert totals.messages == rows.count()
            assert totals.deleted == rows.filter(deleted_at__isnull=False).count()
            assert totals.revisions == MessageRevision.objects.filter(channel=channel).count()
        kept = MessageRevision.objects.filter(channel__in=self.channels).count()
        assert kept <= self.edits
        self.account.refresh_from_db()
        assert (self.account.state, str(self.account.error)) == (Account.State.READY, "")
        assert not [
            e for e in self.place.sandbox.requests() if "AUTH_KEY" in (e.get("error") or "")
        ]

    def wait_until_caught_up(self) -> None:
        def there() -> bool:
            cards = {card["id"]: card["pts"] for card in self.place.sandbox.status()["channels"]}
            rows = ChannelLive.objects.filter(channel__in=self.channels).select_related("channel")
            return all(row.pts == cards[row.channel.peer_id] for row in rows)

        try:
            wait_for(
                lambda: self.place.read(there), "the world's end", seconds=BACK_WITHIN, every=0.1
            )
        except TimeIsUp:
            print(self.describe())
            raise

    def describe(self) -> str:
        """How it stands, for whoever reads a failure."""
        tables = ("accountlistener", "channellive", "accountlease", "accountclaim")
        told = [f"{name}: {self.place.sql(f'SELECT * FROM ingestion_{name}')}" for name in tables]
        cards = [(card["id"], card["pts"]) for card in self.place.sandbox.status()["channels"]]
        asked = [
            (entry["method"], entry.get("error")) for entry in self.place.sandbox.requests()[-12:]
        ]
        return "\n".join([*told, f"{cards}", f"{asked}"])


@pytest.fixture(scope="module")
def audience(installer: Installer, seed: int) -> Iterator[Audience]:
    place = installer(workers=1, world={"channels": CHANNELS, "messages": IDS})
    yield Audience(place, random.Random(seed))
    print(place.logs())


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_missed_and_nothing_is_written_twice(
    audience: Audience, target: str, phase: str, tell: Callable[[str], None]
) -> None:
    moment = {
        "anywhen": audience.anywhen,
        "writing": audience.writing,
        "catching up": audience.catching_up,
    }[phase]
    with moment():
        audience.kill(target)
        began = time.monotonic()
    audience.check()
    tell(f"{target} while {phase}: caught up {time.monotonic() - began:.1f} s after the kill")
    audience.wait_until_heard()


def test_a_listener_that_stands_still_is_ended_before_another_takes_over(
    audience: Audience, tell: Callable[[str], None]
) -> None:
    child = audience.child()
    os.kill(child, signal.SIGSTOP)
    began = time.monotonic()
    audience.happen()
    try:
        wait_for(lambda: not is_running(child), "its end", seconds=TERM + 10, every=0.05)
    finally:
        if is_running(child):
            os.kill(child, signal.SIGCONT)
    tell(f"ended after {time.monotonic() - began:.1f} s")
    audience.check()


def test_telegram_itself_goes_away_and_comes_back(audience: Audience) -> None:
    audience.happen()
    audience.place.sandbox.restart(kill=True)
    audience.happen()
    audience.check()
