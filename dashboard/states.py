"""A state as a person sees it: a word, an icon and a tint, never colour alone."""

from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from archive.models import Export
from ingestion.models import Account, Channel, SyncRun


@dataclass(frozen=True, slots=True)
class Badge:
    """`tone` is ok, warn, bad, info or nothing."""

    word: str
    icon: str
    tone: str = ""
    spins: bool = False


_RUNS: Final = {
    SyncRun.State.QUEUED: Badge("Queued", "clock", "info"),
    SyncRun.State.RUNNING: Badge("Running", "refresh-cw", "info", spins=True),
    SyncRun.State.WAITING: Badge("Waiting", "timer", "warn"),
    SyncRun.State.PAUSED: Badge("Paused", "circle-pause"),
    SyncRun.State.INTERRUPTED: Badge("Interrupted", "unplug", "warn"),
    SyncRun.State.DONE: Badge("Done", "circle-check", "ok"),
    SyncRun.State.FAILED: Badge("Failed", "circle-x", "bad"),
    SyncRun.State.CANCELLED: Badge("Cancelled", "ban"),
}
_FLOOD: Final = Badge("Flood wait", "timer", "warn")
_PAUSING: Final = Badge("Pausing", "circle-pause", "info")
_CANCELLING: Final = Badge("Cancelling", "ban", "info")

_EXPORTS: Final = {
    Export.State.QUEUED: Badge("Queued", "clock", "info"),
    Export.State.RUNNING: Badge("Writing", "refresh-cw", "info", spins=True),
    Export.State.DONE: Badge("Ready", "circle-check", "ok"),
    Export.State.FAILED: Badge("Failed", "circle-x", "bad"),
    Export.State.CANCELLED: Badge("Cancelled", "ban"),
}

_ACCOUNTS: Final = {
    Account.State.NEW: Badge("Not connected", "unplug", "warn"),
    Account.State.CODE_SENT: Badge("Waiting for the code", "message-circle", "warn"),
    Account.State.PASSWORD_NEEDED: Badge("Waiting for the password", "lock", "warn"),
    Account.State.READY: Badge("Connected", "circle-check", "ok"),
    Account.State.LOST: Badge("Login lost", "circle-x", "bad"),
    Account.State.DISCONNECTED: Badge("Disconnected", "unplug"),
}


def of_run(run: SyncRun) -> Badge:
    """The state of a run; a wish to stop it that was not seen yet counts."""
    if run.state == SyncRun.State.RUNNING:
        if run.stop_wish == SyncRun.StopWish.PAUSE:
            return _PAUSING
        if run.stop_wish == SyncRun.StopWish.CANCEL:
            return _CANCELLING
    if run.state == SyncRun.State.WAITING and run.error_class == "rate_limit":
        return _FLOOD
    return _RUNS[SyncRun.State(run.state)]


def of_export(export: Export) -> Badge:
    if export.state in Export.ACTIVE and export.cancel_wish:
        return _CANCELLING
    return _EXPORTS[Export.State(export.state)]


def of_account(account: Account) -> Badge:
    return _ACCOUNTS[Account.State(account.state)]


def of_channel(channel: Channel, active: SyncRun | None, failed: SyncRun | None) -> Badge:
    """`active` is what goes on there; `failed` the last run when it failed."""
    if channel.removed_at:
        return Badge("Removed", "archive")
    if active:
        return of_run(active)
    if not channel.enabled:
        return Badge("Disabled", "circle-pause")
    if failed:
        access = failed.error_class == "access"
        return Badge("No access", "lock", "bad") if access else _RUNS[SyncRun.State.FAILED]
    if channel.last_synced_at is None:
        return Badge("Not synced", "clock", "warn")
    return Badge("Live" if channel.sync_every_minutes else "Synced", "circle-check", "ok")


def seconds_until(run: SyncRun) -> float:
    """How long a waiting run waits still; 0 when it does not."""
    if run.state != SyncRun.State.WAITING or run.not_before is None:
        return 0.0
    return max((run.not_before - timezone.now()).total_seconds(), 0.0)
