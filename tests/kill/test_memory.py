"""A worker's memory does not grow with the history that it reads."""

import statistics
from collections.abc import Callable
from typing import Final

import pytest

from ingestion.coverage import report
from ingestion.models import Channel, Message, SyncRun
from ingestion.services import runs
from tests.kill.conftest import Installer
from tests.kill.installation import memory_of, wait_for

#: Some ids have no message: a little more than 100,000 do.
IDS: Final = 106_000
MOST: Final = 300 * 2**20
#: How much more the second half of the history may take than the first: some 150 bytes a message.
#: Measured: 0 to 1 %.
GROWTH: Final = 1.05


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_long_history_takes_no_more_memory_than_a_short_one(
    installer: Installer, tell: Callable[[str], None]
) -> None:
    place = installer(
        workers=1,
        world={"channels": 1, "messages": IDS, "prepared": True},
        TGADMIN_SLICE_SECONDS="600",  # all of it in one horse
    )
    account = place.connect_account()
    channel = place.add_channel(account, "channel_1")
    runs.request_sync(channel=channel)
    samples: dict[int, list[tuple[float, int]]] = {}
    peaks: dict[int, int] = {}

    def look() -> bool:
        rows = place.sql("SELECT state, new, error FROM ingestion_syncrun WHERE kind = 'backfill'")
        state, new, error = rows[0]
        assert state != SyncRun.State.FAILED, error
        horse = place.horse_of(account)
        if horse and (size := memory_of(horse)):
            samples.setdefault(horse, []).append((new / IDS, size))
            peaks[horse] = max(peaks.get(horse, 0), memory_of(horse, "VmHWM"))
        return bool(state == SyncRun.State.DONE)

    wait_for(look, "the whole history", seconds=360, every=0.05)
    found = report(Channel.objects.get(pk=channel.pk))
    assert not found.gaps
    assert found.messages == Message.objects.filter(channel=channel).count() > 100_000
    backfill = SyncRun.objects.get(kind=SyncRun.Kind.BACKFILL)
    assert backfill.ended_at
    assert backfill.started_at
    seconds = (backfill.ended_at - backfill.started_at).total_seconds()
    course = max(samples.values(), key=len)
    halves = [
        [size for done, size in course if low <= done < high]
        for low, high in ((0.1, 0.5), (0.5, 1.0))
    ]
    first, second = (max(half) for half in halves)
    peak = max(peaks.values())
    tell(
        f"{found.messages} messages in {seconds:.0f} s; peak {peak >> 20} MB; first half at most "
        f"{first >> 20} MB (mostly {statistics.median(halves[0]) / 2**20:.0f}), second half "
        f"{second >> 20} MB (mostly {statistics.median(halves[1]) / 2**20:.0f})"
    )
    assert peak < MOST
    assert second < first * GROWTH
