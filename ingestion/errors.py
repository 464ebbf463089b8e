"""The taxonomy of errors: every error belongs to one class, which decides what happens next.

Each says what happened, what it means and what to do, in words a person reads on the page.
"""

from enum import StrEnum
from typing import NamedTuple

from tgadmin.lib.told import Seconds, Told


class ErrorClass(StrEnum):
    """What happens after an error of this class."""

    TRANSIENT = "transient"  # wait with backoff, try again, fail after N
    RATE_LIMIT = "rate_limit"  # wait until Telegram's time is over
    OWN_RULE = "own_rule"  # wait until our own caution allows it: quiet hours, a day's budget
    ACCESS = "access"  # this account may not read this channel: fail, a person acts
    ACCOUNT = "account"  # the login itself is lost or limited: its runs stop, a person acts
    DATA = "data"  # an answer that cannot be trusted or mapped: nothing is marked, try later
    SYSTEM = "system"  # our own fault: fail and show


class IngestionError(Exception):
    """What went wrong, in words.

    `code` is stable and machine-readable (Telegram's own name where it has one); `happened` and
    `to_do` are whole sentences, literal ones, whose `%(name)s` stand for `values`: the catalogue of
    translations finds them where this class is called. `told` is what is kept of it; `str()` says
    it in the language that is active.
    """

    error_class = ErrorClass.SYSTEM

    def __init__(self, code: str, happened: str, to_do: str = "", **values: object) -> None:
        self.code = code
        self.told = Told.of((happened, to_do), values)
        super().__init__(code)

    def __str__(self) -> str:
        return str(self.told)


class TransientError(IngestionError):
    """The network or Telegram stumbled; the same request may succeed in a moment."""

    error_class = ErrorClass.TRANSIENT


class Wait(IngestionError):
    """Nothing went wrong: it goes on by itself in `seconds`."""

    seconds: int = 0


class OwnPause(Wait):
    """We keep still for the account's sake; say for how long by `seconds`."""

    error_class = ErrorClass.OWN_RULE


class FloodWait(Wait):
    """Telegram asks this account to wait `seconds` before the next request of type `method`."""

    error_class = ErrorClass.RATE_LIMIT

    def __init__(self, *, seconds: int, method: str) -> None:
        super().__init__(
            "FLOOD_WAIT",
            "Telegram asked this account to wait %(time)s before the next %(method)s request.",
            "Nothing to do: the run goes on by itself when the time is over.",
            time=Seconds(seconds),
            method=method,
        )
        self.seconds = seconds
        self.method = method


class TakeoutDelay(Wait):
    """Telegram lets a takeout session begin in `seconds` only, unless its owner confirms it
    (https://core.telegram.org/api/takeout).
    """

    error_class = ErrorClass.RATE_LIMIT
    CODE = "TAKEOUT_INIT_DELAY"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            self.CODE,
            "Telegram asks the account's owner whether its data may be exported, and begins in "
            "%(time)s otherwise.",
            "Allow it in a Telegram app, in the chat “Telegram”, then press Try now; or "
            "switch takeout off on the account's page.",
            time=Seconds(seconds),
        )
        self.seconds = seconds


class AccessError(IngestionError):
    """This account may not read this channel, or the channel does not exist."""

    error_class = ErrorClass.ACCESS


class AccountError(IngestionError):
    """The login is gone, revoked, banned, or was refused."""

    error_class = ErrorClass.ACCOUNT


class DataError(IngestionError):
    """An answer that contradicts itself or what is archived; nothing was changed because of it."""

    error_class = ErrorClass.DATA


class InputError(IngestionError):
    """What a person typed is wrong (a code, a password, a name); they can correct it."""

    error_class = ErrorClass.DATA


class LeaseLost(IngestionError):
    """The account's lease went to another holder, or could not be renewed in time."""

    error_class = ErrorClass.TRANSIENT

    def __init__(self) -> None:
        super().__init__(
            "LEASE_LOST",
            "This worker could not keep its hold on the account.",
            "Another worker goes on with the run.",
        )


class Unforeseen(IngestionError):
    """A fault of ours. The log has it whole; a person is told its kind."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            "UNEXPECTED",
            "An error that nobody foresaw: %(error)s.",
            "Try again; when it happens again, report it with the log.",
            error=type(error).__name__,
        )


class Meaning(NamedTuple):
    """What somebody else's code means: its class, and the sentences of its error."""

    error_class: type[IngestionError]
    happened: str
    to_do: str = ""

    def error(self, code: str, **values: object) -> IngestionError:
        """The error under this code."""
        return self.error_class(code, self.happened, self.to_do, **values)
