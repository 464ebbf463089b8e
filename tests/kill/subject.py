"""A channel that is being archived while everything around it is killed, and what must be true of
it at the end.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from ingestion.coverage import report
from ingestion.models import (
    Account,
    Channel,
    ChannelTotals,
    Message,
    MessageRevision,
    Quarantine,
    SyncRun,
)
from ingestion.services import runs
from tests.ingestion.world import assert_equal_to_truth
from tests.kill.installation import Installation, wait_for
from tests.kill.reckoning import Shot, asked_again
from tgadmin.lib.ranges import IdRanges

State = SyncRun.State


@dataclass(frozen=True)
class Standing:
    """A run, as it stands at one moment."""

    id: int
    kind: str
    state: str
    stop_wish: str
    slice: int
    requests: int
    left: int


@dataclass
class Subject:
    """One account with one channel. Each lap is a press on Sync now, with a refresh of the whole
    history instead of its newest part.
    """

    place: Installation
    account: Account
    channel: Channel
    name: str
    rng: random.Random
    edits: Counter[int] = field(default_factory=Counter)
    pending: set[int] = field(default_factory=set)
    earlier: dict[int, list[str]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    shots: list[Shot] = field(default_factory=list)
    laps: list[int] = field(default_factory=list)
    press: UUID | None = None
    edited_before: set[int] = field(default_factory=set)
    deleted_before: set[int] = field(default_factory=set)

    # laps

    def start_lap(self, *, whole: bool) -> None:
        """Update and backfill; and, once there is something to read again, all of it."""
        self.laps.append(self.place.sandbox.last_request())
        self.edited_before, self.deleted_before = set(self.pending), set(self.deleted)
        if not whole:
            self.press = self.place.read(lambda: runs.request_sync(channel=self.channel))
            return
        press = self.press = uuid4()

        def start() -> None:
            top = Channel.objects.get(pk=self.channel.pk).top_id
            common: dict[str, Any] = {
                "channel": self.channel,
                "account": self.account,
                "press": press,
                "done": IdRanges(),
            }
            SyncRun.objects.create(kind=SyncRun.Kind.UPDATE, **common)
            SyncRun.objects.create(
                kind=SyncRun.Kind.REFRESH, planned=IdRanges.span(1, top), **common
            )

        self.place.read(start)

    def standings(self) -> list[Standing]:
        """The runs of this lap that are not over; fails when one ended badly."""
        rows = self.place.sql(
            """SELECT id, kind, state, stop_wish, slice, requests, error,
                      coalesce((SELECT sum(upper(part) - lower(part))
                                FROM unnest(planned - done) AS part), 1)
               FROM ingestion_syncrun WHERE press = %s ORDER BY id""",
            self.press,
        )
        for row in rows:
            assert row[2] not in (State.FAILED, State.CANCELLED), f"run {row[0]}: {row[6]}"
        return [
            Standing(row[0], row[1], row[2], row[3], row[4], row[5], int(row[7]))
            for row in rows
            if row[2] != State.DONE
        ]

    def committed(self) -> int:
        """Requests whose pages are in the archive: each batch that is written raises it."""
        found = self.place.sql(
            "SELECT coalesce(sum(requests), 0) FROM ingestion_syncrun WHERE channel_id = %s",
            self.channel.pk,
        )
        return int(found[0][0])

    def running(self) -> Standing | None:
        found = [item for item in self.standings() if item.state == State.RUNNING]
        return found[0] if found else None

    def finish_lap(self, *, seconds: float = 60) -> None:
        wait_for(
            lambda: not self.standings(), f"the end of {self.name}", seconds=seconds, every=0.05
        )
        self.check_lap()

    def check_lap(self) -> None:
        """What there was when a lap began is archived at its end: nothing was passed over."""
        found = self.place.read(lambda: report(Channel.objects.get(pk=self.channel.pk)))
        assert not found.gaps, f"never asked for: {found.gaps.pairs}"
        self._settle()
        assert not self.edited_before & self.pending
        assert self.deleted_before <= self.place.read(self._gone)

    def long_run(self) -> Standing | None:
        """A run with much left to do; a new lap is started when this one has no more."""
        standings = self.standings()
        if not standings:
            self.check_lap()
            self.live(edits=40, deletions=8, counters=20, posts=5)
            self.start_lap(whole=True)
        return next((item for item in standings if item.left > 1500), None)

    def describe(self) -> str:
        """Its runs, for whoever reads a failure."""
        return "\n".join(
            f"{self.name} run {run.pk} {run.kind} {run.state} slice {run.slice} made {run.created_at:%T.%f} "
            f"started {run.started_at or run.created_at:%T.%f} requests {run.requests} "
            f"wish {run.stop_wish!r} not before {run.not_before} attempts {run.attempts} "
            f"left {run.planned and (run.planned - run.done).pairs} {run.error}"
            for run in self.place.read(
                lambda: list(SyncRun.objects.filter(channel=self.channel).order_by("pk"))
            )
        )

    # the world goes on

    def live(self, *, edits: int, deletions: int, counters: int, posts: int) -> None:
        """Edit, delete, count and post, so that what the archive must hold stays known: a message
        is changed again only when its last version is archived, and never after it was deleted.
        """
        world, peer = self.place.sandbox, self.channel.peer_id
        stored = self.place.read(self._stored)
        self._settle()
        ready = sorted(set(stored) - self.pending - self.deleted)
        self.rng.shuffle(ready)
        for number in ready[:edits]:
            self.edits[number] += 1
            text = f"Version {self.edits[number]} of {number}: {self.rng.random()}"
            moment = int(datetime.fromisoformat("2026-02-01T00:00:00+00:00").timestamp())
            world.edit(peer, number, text=text, entities=[], edit_date=moment + self.edits[number])
            self.earlier.setdefault(number, []).append(stored[number])
            self.pending.add(number)
        for number in ready[edits : edits + counters]:
            world.set_counters(peer, number, views=self.rng.randrange(10**6), forwards=7)
        # Few a page, as people do it: many at once would be taken for a fault.
        gone = ready[edits + counters : edits + counters + deletions]
        spread = {number // 150: number for number in gone}.values()
        self.deleted.update(world.delete(peer, *spread))
        for _ in range(posts):
            world.post(peer, text=f"News {self.rng.random()}")

    def _stored(self) -> dict[int, str]:
        return dict(
            Message.objects.filter(channel=self.channel, kind="text").values_list(
                "message_id", "text"
            )
        )

    def _gone(self) -> set[int]:
        rows = Message.objects.filter(channel=self.channel, deleted_at__isnull=False)
        return set(rows.values_list("message_id", flat=True))

    def _settle(self) -> None:
        """Forget that an edit is pending when its revision is there."""
        counts = self.place.read(self._revisions)
        self.pending = {n for n in self.pending if len(counts.get(n, [])) < self.edits[n]}

    def _revisions(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        rows = MessageRevision.objects.filter(channel=self.channel).order_by("replaced_at")
        for number, text in rows.values_list("message_id", "text"):
            found.setdefault(number, []).append(text)
        return found

    # the verdict

    def check(self) -> None:
        """Everything that a kill must not have harmed."""
        channel = Channel.objects.get(pk=self.channel.pk)
        truth = self.place.sandbox.truth(channel.peer_id)
        assert_equal_to_truth(channel, truth)
        rows = Message.objects.filter(channel=channel)
        gone = self._gone()
        assert gone == self.deleted
        edited = {number: texts for number, texts in self.earlier.items() if texts}
        assert self._revisions() == edited
        found = report(channel)
        assert found.top_id == truth["top_id"]
        assert not found.gaps
        assert found.messages + found.absent == len(found.covered)
        assert len(found.covered) + len(found.hidden) + len(found.gaps) == found.top_id
        totals = ChannelTotals.objects.get(channel=channel)
        assert totals.messages == found.messages == rows.count()
        assert totals.deleted == len(gone)
        assert totals.revisions == sum(len(texts) for texts in edited.values())
        assert not Quarantine.objects.filter(channel=channel).exists()
        # What the runs counted is what is there: no batch counted twice, none forgotten.
        all_runs = list(SyncRun.objects.filter(channel=channel))
        assert sum(run.new for run in all_runs) == rows.count()
        assert sum(run.deleted for run in all_runs) == len(gone)
        assert sum(run.changed for run in all_runs) == totals.revisions
        for run in all_runs:
            assert run.state == State.DONE
            assert run.planned is not None
            assert not run.planned - run.done

    def asked_again(self, batch: int) -> list[int]:
        """For each shot, how many batches of so many messages were asked for again."""
        phone = self.account.phone.lstrip("+")
        log = [entry for entry in self.place.sandbox.requests() if entry["account"] == phone]
        return asked_again(log, self.laps, self.shots, batch)
