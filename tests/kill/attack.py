"""Killing a process at a moment that is known, and looking how the work goes on."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import psycopg

from ingestion.models import AccountBudget, SyncRun
from ingestion.services import runs
from tests.kill.installation import (
    LOOK,
    Installation,
    TimeIsUp,
    children_of,
    is_running,
    parent_of,
    wait_for,
)
from tests.kill.moments import Missed, Phase, Recovery, Target
from tests.kill.reckoning import Shot
from tests.kill.subject import Standing, Subject
from tgadmin.embedded import processes
from tgadmin.embedded.paths import postgres_url

T = TypeVar("T")
State = SyncRun.State

#: Work goes on by then: the lease of a worker that is gone ends after 10 s, one tick sees it, the
#: next one enqueues it; the rest is for a machine that has other things to do.
RESUMED_WITHIN: Final = 20.0

#: Ids that a run must have before it for a kill to be in its middle.
ENOUGH: Final = 1500

#: Seconds of the pauses that Telegram asks for: slept through by the worker; left to the tick.
SHORT_FLOOD, LONG_FLOOD = 2, 4


@dataclass
class Attack:
    """Kills processes of an installation while its subjects are archived."""

    place: Installation
    subjects: list[Subject]
    rng: random.Random
    delay: float
    kills: Counter[tuple[Target, Phase]] = field(default_factory=Counter)
    resumed: list[tuple[Target, float]] = field(default_factory=list)
    recovering: dict[str, Recovery] = field(default_factory=dict)
    story: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _looked: float = 0.0

    def note(self, text: str) -> None:
        self.story.append(f"{time.monotonic() - self.began:6.2f} {text}")

    # looking on

    def until(
        self,
        condition: Callable[[], T | None],
        what: str,
        *,
        seconds: float = 40,
        every: float = LOOK,
    ) -> T:
        """Wait, and see meanwhile who has recovered."""

        def look() -> T | None:
            self.see_recoveries()
            return condition()

        return wait_for(look, what, seconds=seconds, every=every)

    def see_recoveries(self) -> None:
        now = time.monotonic()
        if now - self._looked < 0.02:
            return
        self._looked = now
        for subject in self.subjects:
            recovery = self.recovering.get(subject.name)
            if recovery is None:
                continue
            slices, committed = progress(subject)
            if slices <= recovery.slices:
                recovery.committed = committed  # what was on its way to the disk at the kill
            elif committed > recovery.committed or not subject.standings():
                took = time.monotonic() - recovery.since
                self.resumed.append((recovery.target, took))
                self.note(f"{subject.name} goes on after {took:.1f} s")
                del self.recovering[subject.name]
                continue
            waited = time.monotonic() - recovery.since
            assert waited < RESUMED_WITHIN, (
                f"{subject.name} does not go on {waited:.0f} s after the kill of "
                f"{recovery.target}: {subject.standings()}"
            )

    def recover(self) -> None:
        """Wait until everything goes on."""
        self.until(lambda: not self.recovering, "that everything goes on", seconds=60, every=0.02)

    # killing

    def strike(self, target: Target, phase: Phase) -> None:
        """Kill this in that phase; a moment that was missed is tried again."""
        for _ in range(8):
            subject, run = self.until(
                self._victim, f"a run to kill in its middle ({phase})", every=0.02
            )
            try:
                getattr(self, f"_{phase.name.lower()}")(subject, run, target)
            except (Missed, TimeIsUp) as error:
                self.note(f"{target} while {phase}: missed ({error})")
                continue
            self._see_service(target)
            return
        raise AssertionError(f"{target} could not be killed while {phase}:\n" + self.tale())

    def flush(self) -> None:
        """Make Valkey forget everything."""
        client = self.place.valkey()
        client.flushall()
        client.close()
        self.note("FLUSHALL")

    def _victim(self) -> tuple[Subject, Standing] | None:
        for subject in self.rng.sample(self.subjects, len(self.subjects)):
            if subject.name in self.recovering or not subject.long_run():
                continue
            run = subject.running()
            if run and run.left > ENOUGH and self.place.horse_of(subject.account):
                return subject, run
        return None

    def _pids(self, subject: Subject, target: Target) -> list[int]:
        """What is killed: with a worker goes its horse."""
        if target is Target.WEB:
            return [self.place.process("gunicorn")]
        if target is Target.VALKEY:
            return [self.place.process("valkey-server")]
        if target is Target.POSTGRES:
            postmaster = self.place.process("postgres")
            if self.rng.random() < 0.7:
                return [postmaster]
            # PostgreSQL ends every connection when one of them dies badly.
            found = self.place.sql(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
            )
            return [int(row[0]) for row in found] or [postmaster]
        horse = self.place.horse_of(subject.account)
        if horse is None:
            raise Missed("no horse")
        return [horse] if target is Target.HORSE else [parent_of(horse)]

    def _kill(self, subject: Subject, target: Target, phase: Phase, pids: list[int]) -> float:
        """Kill now; the Unix time at which it was sent."""
        horses = {item.name: self._horse_now(item, target, pids) for item in self.subjects}
        began = time.monotonic()
        at = time.time()
        doomed = [*pids, *(children_of(pids[0]) if target is Target.WORKER else [])]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if not processes.wait_until(lambda: not any(map(is_running, doomed)), seconds=10):
            raise AssertionError(f"{target} was killed and left a process behind: {doomed}")
        last = self.place.sandbox.last_request()
        self.kills[target, phase] += 1
        self.note(f"{target} {pids} killed while {subject.name} was {phase}")
        for item in self.subjects:
            struck, was = horses[item.name]
            if struck:
                item.shots.append(Shot(last, str(target)))
                self.recovering[item.name] = Recovery(target, began, *was)
            elif item.name in self.recovering:
                self.recovering[item.name].since = began
        return at

    def _horse_now(
        self, subject: Subject, target: Target, pids: list[int]
    ) -> tuple[bool, tuple[int, int]]:
        """Whether this kill interrupts a subject's run, and how far that is."""
        horse = self.place.horse_of(subject.account)
        struck = horse is not None and (
            target is Target.POSTGRES or horse in pids or parent_of(horse) in pids
        )
        return struck and subject.running() is not None, progress(subject)

    def _see_service(self, target: Target) -> None:
        """What no run depends on comes back as well."""
        began = time.monotonic()
        if target is Target.WEB:
            self.until(self.place.web_answers, "the web", seconds=RESUMED_WITHIN)
        elif target is Target.VALKEY:
            self.until(self.place.valkey_answers, "Valkey", seconds=RESUMED_WITHIN)
        else:
            return
        self.resumed.append((target, time.monotonic() - began))

    # the moments

    def _anywhen(self, subject: Subject, run: Standing, target: Target) -> None:
        pids = self._pids(subject, target)
        moment = time.monotonic() + self.rng.uniform(0, 4 * self.delay)
        self.until(lambda: time.monotonic() >= moment, "a moment")
        self._kill(subject, target, Phase.ANYWHEN, pids)

    def _fetching(self, subject: Subject, run: Standing, target: Target) -> None:
        pids = self._pids(subject, target)
        entry = self._next_request(subject)
        at = self._kill(subject, target, Phase.FETCHING, pids)
        if at >= entry["time"] + self.delay:
            self._missed(target, Phase.FETCHING)

    def _next_request(self, subject: Subject, error: str | None = None) -> dict[str, Any]:
        """The log's entry of the next request for history, as soon as it is there."""
        sandbox, phone = self.place.sandbox, subject.account.phone.lstrip("+")
        since = sandbox.last_request()

        def came() -> dict[str, Any] | None:
            for entry in reversed(sandbox.requests(since, method="messages.getHistory")):
                if entry["account"] == phone and (entry.get("error") or "").startswith(error or ""):
                    return entry
            return None

        return self.until(came, f"a request for {subject.name}", seconds=5)

    def _writing(self, subject: Subject, run: Standing, target: Target) -> None:
        pids = self._pids(subject, target)
        with self._transaction_held(run):
            self._kill(subject, target, Phase.WRITING, pids)

    @contextmanager
    def _transaction_held(self, run: Standing) -> Iterator[None]:
        """A batch's transaction is under way, and cannot end before this block does: it waits
        for a lock that we hold.
        """
        kinds = [
            item.kind
            for subject in self.subjects
            if subject.name not in self.recovering and (item := subject.running())
        ]
        table = self.rng.choice(["message", "messagestats", "messageraw", ""])
        if not table or set(kinds) != {SyncRun.Kind.BACKFILL}:
            table = ""  # a refresh may find nothing to write but that it was there
        query = (
            f"%%COPY ingestion_{table} (%%" if table else "%%UPDATE ingestion_syncrun SET%%done%%"
        )
        many = len(kinds) if table else 1
        with psycopg.connect(postgres_url(self.place.data), connect_timeout=5) as ours:
            try:
                if table:
                    ours.execute(f"LOCK TABLE ingestion_{table} IN SHARE MODE")
                else:
                    ours.execute(
                        "SELECT FROM ingestion_syncrun WHERE id = %s FOR NO KEY UPDATE", [run.id]
                    )
                self.until(
                    lambda: (
                        self.place.sql(
                            "SELECT count(*) FROM pg_stat_activity "
                            f"WHERE %s = ANY(pg_blocking_pids(pid)) AND query LIKE '{query}'",
                            ours.info.backend_pid,
                        )[0][0]
                        >= many
                    ),
                    "a batch being written",
                    seconds=4,
                )
                self.note(f"holding back {table or 'the run'}")
                yield
            finally:
                with contextlib.suppress(psycopg.Error):
                    ours.rollback()

    def _committed(self, subject: Subject, run: Standing, target: Target) -> None:
        pids = self._pids(subject, target)
        before = subject.committed()
        self.until(lambda: subject.committed() > before, "a commit", seconds=5)
        seen = time.monotonic()
        self._kill(subject, target, Phase.COMMITTED, pids)
        if time.monotonic() - seen > 1:
            self._missed(target, Phase.COMMITTED)

    def _waiting(self, subject: Subject, run: Standing, target: Target) -> None:
        if target is Target.HORSE:
            seconds = SHORT_FLOOD
            pids = self._pids(subject, target)
        else:
            seconds = LONG_FLOOD
            pids = (
                [self.rng.choice(self.place.slice_workers())]
                if target is Target.WORKER
                else self._pids(subject, target)
            )
        phone = subject.account.phone.lstrip("+")
        self.place.sandbox.fault(
            "flood_wait", "messages.getHistory", seconds=seconds, account=phone
        )
        entry = self._next_request(subject, error="FLOOD_WAIT")
        if target is not Target.HORSE:
            self.until(
                lambda: any(item.state == State.WAITING for item in subject.standings()),
                "a run that waits",
                seconds=3,
            )
        at = self._kill(subject, target, Phase.WAITING, pids)
        # The next kills want the usual pace.
        self.place.read(AccountBudget.objects.filter(account=subject.account).delete)
        if at >= entry["time"] + seconds:
            self._missed(target, Phase.WAITING)
        if subject.name in self.recovering:
            self.recovering[subject.name].since += seconds
        else:
            before = progress(subject)
            self.recovering[subject.name] = Recovery(
                target, time.monotonic() + max(entry["time"] + seconds - time.time(), 0), *before
            )
            self.recovering[subject.name].slices -= 1  # no slice was interrupted

    def _stopping(self, subject: Subject, run: Standing, target: Target) -> None:
        pids = self._pids(subject, target)
        row = SyncRun(pk=run.id)
        runs.pause(run=row)
        try:
            if self.rng.random() < 0.5:
                self._must_be_stopping(subject, run)
                self._kill(subject, target, Phase.STOPPING, pids)
            else:
                with self._transaction_held(run):
                    self._must_be_stopping(subject, run)
                    self._kill(subject, target, Phase.STOPPING, pids)
        except (Missed, TimeIsUp):
            # It paused before the kill, or is about to: nobody else would have it go on.
            self.until(lambda: self._goes_on(subject, run), f"run {run.id} going on")
            raise
        self.recovering.pop(subject.name, None)
        slices, committed = progress(subject)
        self.until(
            lambda: any(
                item.id == run.id and item.state == State.PAUSED for item in subject.standings()
            ),
            f"run {run.id} pausing",
            seconds=RESUMED_WITHIN,
            every=0.02,
        )
        self.note(f"{subject.name} has paused")
        assert self.place.read(lambda: runs.resume(run=row))
        self.recovering[subject.name] = Recovery(target, time.monotonic(), slices - 1, committed)

    def _must_be_stopping(self, subject: Subject, run: Standing) -> None:
        now = subject.running()
        if now is None or now.id != run.id or now.stop_wish != "pause":
            raise Missed("it had stopped")

    def _goes_on(self, subject: Subject, run: Standing) -> bool:
        """Take the wish for a pause back, whether it was fulfilled or not."""
        self.place.read(lambda: runs.resume(run=SyncRun(pk=run.id)))
        return not any(
            item.id == run.id and (item.state == State.PAUSED or item.stop_wish)
            for item in subject.standings()
        )

    def _missed(self, target: Target, phase: Phase) -> None:
        """It was a kill all the same."""
        self.kills[target, phase] -= 1
        self.kills[target, Phase.ANYWHEN] += 1
        raise Missed(phase)

    # telling

    def tale(self) -> str:
        return "\n".join(self.story)


def progress(subject: Subject) -> tuple[int, int]:
    """Slices that ended, and requests whose pages are in the archive."""
    rows = subject.place.sql(
        "SELECT coalesce(sum(slice), 0), coalesce(sum(requests), 0) FROM ingestion_syncrun "
        "WHERE channel_id = %s",
        subject.channel.pk,
    )
    return int(rows[0][0]), int(rows[0][1])
