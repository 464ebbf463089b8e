"""A state as a person sees it: a word, an icon and a tint, never colour alone."""

from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archive.models import Export
from ingestion.models import Account, Channel, RunEvent, SyncRun
from ingestion.services.listening import Live, Standing


@dataclass(frozen=True, slots=True)
class Badge:
    """`tone` is ok, warn, bad, info or nothing."""

    word: str | Promise
    icon: str
    tone: str = ""
    spins: bool = False


_RUNS: Final = {
    SyncRun.State.QUEUED: Badge(_("Queued"), "clock", "info"),
    SyncRun.State.RUNNING: Badge(_("Running"), "refresh-cw", "info", spins=True),
    SyncRun.State.WAITING: Badge(_("Waiting"), "timer", "warn"),
    SyncRun.State.PAUSED: Badge(_("Paused"), "circle-pause"),
    SyncRun.State.INTERRUPTED: Badge(_("Interrupted"), "unplug", "warn"),
    SyncRun.State.DONE: Badge(_("Done"), "circle-check", "ok"),
    SyncRun.State.FAILED: Badge(_("Failed"), "circle-x", "bad"),
    SyncRun.State.CANCELLED: Badge(_("Cancelled"), "ban"),
}
_FLOOD: Final = Badge(_("Flood wait"), "timer", "warn")
_PAUSING: Final = Badge(_("Pausing"), "circle-pause", "info")
_CANCELLING: Final = Badge(_("Cancelling"), "ban", "info")

_EXPORTS: Final = {
    Export.State.QUEUED: Badge(_("Queued"), "clock", "info"),
    Export.State.RUNNING: Badge(_("Writing"), "refresh-cw", "info", spins=True),
    Export.State.PAUSED: Badge(_("Paused"), "circle-pause"),
    Export.State.DONE: Badge(_("Ready"), "circle-check", "ok"),
    Export.State.FAILED: Badge(_("Failed"), "circle-x", "bad"),
    Export.State.CANCELLED: Badge(_("Cancelled"), "ban"),
    Export.State.EXPIRED: Badge(_("Expired"), "archive-x"),
}

_ACCOUNTS: Final = {
    Account.State.NEW: Badge(_("Not connected"), "unplug", "warn"),
    Account.State.CODE_SENT: Badge(_("Waiting for the code"), "message-circle", "warn"),
    Account.State.PASSWORD_NEEDED: Badge(_("Waiting for the password"), "lock", "warn"),
    Account.State.READY: Badge(_("Connected"), "circle-check", "ok"),
    Account.State.LOST: Badge(_("Login lost"), "circle-x", "bad"),
    Account.State.DISCONNECTED: Badge(_("Disconnected"), "unplug"),
}


_EVENTS: Final = {
    RunEvent.Kind.SLICE: Badge(_("Worked"), "refresh-cw"),
    RunEvent.Kind.FLOOD_WAIT: _FLOOD,
    RunEvent.Kind.HELD: Badge(_("Kept still"), "timer"),
    RunEvent.Kind.MOVED: Badge(_("Another account"), "key-round", "info"),
    RunEvent.Kind.RETRY: Badge(_("Tried again"), "rotate-ccw", "warn"),
    RunEvent.Kind.INTERRUPTED: Badge(_("Worker gone"), "unplug", "warn"),
    RunEvent.Kind.PAUSED: Badge(_("Paused"), "circle-pause"),
    RunEvent.Kind.RESUMED: Badge(_("Resumed"), "circle-play"),
}


def of_event(event: RunEvent, run: SyncRun) -> Badge:
    """A line of a run's history; its last one shows how the run ended."""
    if event.kind == RunEvent.Kind.ENDED:
        return _RUNS[SyncRun.State(run.state)]
    return _EVENTS[RunEvent.Kind(event.kind)]


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


def of_backfill(state: str) -> Badge:
    """A backfill's states are among those of a run."""
    return _RUNS[SyncRun.State(state)]


def of_export(export: Export) -> Badge:
    if export.state in Export.ACTIVE and export.cancel_wish:
        return _CANCELLING
    if export.state == Export.State.RUNNING and export.pause_wish:
        return _PAUSING
    return _EXPORTS[Export.State(export.state)]


#: What Telegram did to an account whose login it refuses.
_LOST: Final = {
    "USER_DEACTIVATED_BAN": Badge(_("Banned by Telegram"), "ban", "bad"),
    "PHONE_NUMBER_BANNED": Badge(_("Banned by Telegram"), "ban", "bad"),
    "USER_DEACTIVATED": Badge(_("Deleted at Telegram"), "circle-x", "bad"),
    "FROZEN_METHOD_INVALID": Badge(_("Frozen by Telegram"), "lock", "bad"),
}


def of_account(account: Account) -> Badge:
    if account.state == Account.State.LOST and account.error_code in _LOST:
        return _LOST[account.error_code]
    return _ACCOUNTS[Account.State(account.state)]


def of_channel(channel: Channel, active: SyncRun | None, failed: SyncRun | None) -> Badge:
    """`active` is what goes on there; `failed` the last run when it failed."""
    if channel.removed_at:
        return Badge(_("Removed"), "archive")
    if active:
        return of_run(active)
    if not channel.enabled:
        return Badge(_("Disabled"), "circle-pause")
    if failed:
        access = failed.error_class == "access"
        return Badge(_("No access"), "lock", "bad") if access else _RUNS[SyncRun.State.FAILED]
    if channel.last_synced_at is None:
        return Badge(_("Not synced"), "clock", "warn")
    word = _("Scheduled") if channel.sync_every_minutes else _("Synced")
    return Badge(word, "circle-check", "ok")


_FOLLOWED: Final = {
    Standing.LIVE: Badge(_("Live"), "radio-tower", "ok"),
    Standing.POLLING: Badge(_("Polling"), "timer", "ok"),
    Standing.CATCHING_UP: Badge(_("Catching up"), "history", "info"),
    Standing.STOPPED: Badge(_("Not heard"), "unplug", "warn"),
}


def of_live(live: Live) -> Badge | None:
    """How a channel is followed; None where it is not to be."""
    return _FOLLOWED.get(live.standing)


def seconds_until(run: SyncRun) -> float:
    """How long a waiting run waits still; 0 when it does not."""
    if run.state != SyncRun.State.WAITING or run.not_before is None:
        return 0.0
    return max((run.not_before - timezone.now()).total_seconds(), 0.0)
