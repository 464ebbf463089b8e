"""Many runs of one account, which many workers would do."""

from typing import Any, Final
from uuid import uuid4

from ingestion import sql
from ingestion.models import Account, Channel, SyncRun
from tests.kill.installation import Installation, wait_for
from tgadmin.lib.ranges import IdRanges

CHANNELS: Final = 4
IDS: Final = 3000
DELAY: Final = 0.05


class Crowd:
    """Many runs of one account, short slices, many workers."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.account: Account = place.connect_account()
        self.channels: list[Channel] = [
            place.add_channel(self.account, f"channel_{number + 1}") for number in range(CHANNELS)
        ]

    def keep_busy(self) -> None:
        """Every channel is being read, from its top to its first message, again and again."""
        for channel in self.channels:
            self.place.read(lambda channel=channel: self._start(channel))  # type: ignore[misc]

    def _start(self, channel: Channel) -> None:
        active = SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE)
        if not active.exists():
            SyncRun.objects.create(
                channel=channel,
                account=self.account,
                kind=SyncRun.Kind.REFRESH,
                press=uuid4(),
                planned=IdRanges.span(1, IDS),
                done=IdRanges(),
            )

    def all_were_read(self) -> bool:
        """Whether something of every channel is archived."""
        read = SyncRun.objects.filter(new__gt=0).values("channel").distinct()
        return self.place.read(read.count) == len(self.channels)

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        return self.place.sandbox.requests(since)

    def committed(self) -> int:
        return int(self.place.sql("SELECT sum(requests) FROM ingestion_syncrun")[0][0] or 0)

    def progress(self, run: int) -> int:
        return int(
            self.place.sql("SELECT requests FROM ingestion_syncrun WHERE id = %s", run)[0][0]
        )

    def blocked_by(self, backend: int) -> list[int]:
        """The backends that wait with a batch for the end of this one's transaction."""
        found = self.place.sql(
            "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)) "
            "AND starts_with(query, %s)",
            backend,
            sql.LOCK_CHANNEL.partition("%")[0],
        )
        return [row[0] for row in found]

    def horse(self) -> tuple[int, int]:
        """The process that holds the account, and its connection, over which a request is
        under way.
        """
        self.keep_busy()
        since = self.place.sandbox.last_request()

        def found() -> tuple[int, int] | None:
            horse, log = self.place.horse_of(self.account), self.log(since)
            # The second request: of a slice that has just begun.
            fresh = len(log) > 1 and log[-1]["connection"] == log[-2]["connection"]
            first = fresh and log[-2]["seq"] == min(
                e["seq"] for e in self.log() if e["connection"] == log[-1]["connection"]
            )
            return (horse, log[-1]["connection"]) if horse and first else None

        return wait_for(found, "a horse at work")

    def finish(self) -> None:
        """Let every run end, and see that no message was counted twice in any of them."""
        self.place.sandbox.pace(delay=0)
        runs = SyncRun.objects.filter(kind=SyncRun.Kind.REFRESH)
        wait_for(
            lambda: not self.place.read(runs.filter(state__in=SyncRun.ACTIVE).exists),
            "the end of all runs",
            every=0.1,
        )
        cards = {card["id"]: card for card in self.place.sandbox.status()["channels"]}
        for run in runs.select_related("channel"):
            seen = run.new + run.changed + run.unchanged + run.counters
            assert seen == cards[run.channel.peer_id]["visible"], run
        self.place.sandbox.pace(delay=DELAY)

    def assert_alive(self) -> None:
        """No connection was used again after the next one; the session is as good as new."""
        log = self.log()
        # Photos may come from another data centre, over a connection with a key of its own.
        for key in {entry["key"] for entry in log if entry["key"]}:
            order = [entry["connection"] for entry in log if entry["key"] == key]
            first_seen = list(dict.fromkeys(order))
            assert order == sorted(order, key=first_seen.index)
        assert not [entry for entry in log if "AUTH_KEY" in (entry.get("error") or "")]
        self.account.refresh_from_db()
        assert (self.account.state, str(self.account.error)) == (Account.State.READY, "")
        assert not SyncRun.objects.filter(state=SyncRun.State.FAILED).exists()
