"""The taxonomy of errors: every error belongs to one class, which decides what happens next.

Each says what happened, what it means and what to do, in words a person reads on the page.
"""

from enum import StrEnum


class ErrorClass(StrEnum):
    """What happens after an error of this class."""

    TRANSIENT = "transient"  # wait with backoff, try again, fail after N
    RATE_LIMIT = "rate_limit"  # wait until Telegram's time is over
    ACCESS = "access"  # this account may not read this channel: fail, a person acts
    ACCOUNT = "account"  # the login itself is lost or limited: its runs stop, a person acts
    DATA = "data"  # an answer that cannot be trusted or mapped: nothing is marked, try later
    SYSTEM = "system"  # our own fault: fail and show


class IngestionError(Exception):
    """What went wrong, in words.

    `code` is stable and machine-readable (Telegram's own name where it has one); `happened` and
    `to_do` are whole sentences, whose `%(name)s` stand for `params`.
    """

    error_class = ErrorClass.SYSTEM

    def __init__(self, code: str, happened: str, to_do: str = "", **params: object) -> None:
        self.code = code
        self.happened = happened % params if params else happened
        self.to_do = to_do % params if params else to_do
        super().__init__(self.happened)

    def __str__(self) -> str:
        return f"{self.happened} {self.to_do}".strip()


class TransientError(IngestionError):
    """The network or Telegram stumbled; the same request may succeed in a moment."""

    error_class = ErrorClass.TRANSIENT


def _in_words(seconds: int) -> str:
    """As people say it: 45 s, 12 min, 3 h 20 min."""
    if seconds < 120:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(
        part
        for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
        if part
    )


class FloodWait(IngestionError):
    """Telegram asks this account to wait `seconds` before the next request of type `method`."""

    error_class = ErrorClass.RATE_LIMIT

    def __init__(self, *, seconds: int, method: str) -> None:
        super().__init__(
            "FLOOD_WAIT",
            f"Telegram asked this account to wait {_in_words(seconds)} before the next {method} "
            "request.",
            "Nothing to do: the run goes on by itself when the time is over.",
        )
        self.seconds = seconds
        self.method = method


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
