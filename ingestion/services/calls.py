"""Posting a call to Telegram and looking for its answer. For the web and for commands."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import orjson
from django.utils import timezone

from ingestion.errors import InputError
from ingestion.models import Account, AccountCall
from tgadmin.lib.told import NOTHING, Told, tell
from workspaces.models import User

State = AccountCall.State

#: What begins a login.
LOGINS = {AccountCall.Kind.SEND_CODE, AccountCall.Kind.SHOW_QR, AccountCall.Kind.CHECK_SESSION}


@dataclass(frozen=True, slots=True)
class CallResult:
    """How a call stands. `error` is a sentence with what to do."""

    state: Literal["waiting", "answered", "failed", "void"]
    answer: dict[str, Any] = field(default_factory=dict)
    error: Told = NOTHING
    error_code: str = ""


def post(
    *,
    account: Account,
    kind: str,
    arguments: dict[str, Any] | None = None,
    user: User | None = None,
) -> AccountCall:
    """Ask; then enqueue it (`tasks.enqueue_call`) and look at `result` until it is there.

    Raises `InputError` for a new login of an account that is connected: it would end the old one.
    """
    if kind not in AccountCall.Kind.values:
        raise ValueError(f"There is no call “{kind}”")
    if kind in LOGINS and account.state == Account.State.READY:
        raise InputError(
            "CONNECTED",
            "The account %(account)s is already connected.",
            "Disconnect it first to log in anew.",
            account=account,
        )
    return AccountCall.objects.create(
        account=account,
        kind=kind,
        arguments=orjson.dumps(arguments or {}).decode(),
        created_at=timezone.now(),
        requested_by=user,
    )


def is_open(account: Account, kind: str) -> bool:
    """Whether a call of this kind is to be answered, or being answered."""
    since = timezone.now() - timedelta(seconds=AccountCall.VOID_AFTER)
    return account.calls.filter(
        kind=kind, state__in=[State.PENDING, State.CLAIMED], created_at__gt=since
    ).exists()


def result(call: AccountCall) -> CallResult:
    """How it stands now. After a minute nobody waits any more: the call is void."""
    call.refresh_from_db()
    if call.state in (State.PENDING, State.CLAIMED) and _is_too_old(call):
        AccountCall.objects.filter(pk=call.pk, state__in=[State.PENDING, State.CLAIMED]).update(
            state=State.VOID, arguments=None, answered_at=timezone.now()
        )
        call.refresh_from_db()
    return told(call)


def told(call: AccountCall) -> CallResult:
    """How it stood when it was read: for lists, which read many at once."""
    if call.state == State.ANSWERED:
        return CallResult("answered", answer=orjson.loads(call.answer or "{}"))
    if call.state == State.FAILED:
        return CallResult("failed", error=call.error, error_code=call.error_code)
    if call.state == State.VOID or _is_too_old(call):
        return CallResult(
            "void",
            error=tell(
                "Telegram did not answer within a minute.",
                "Look whether a worker is alive, and try again.",
            ),
            error_code="NO_ANSWER",
        )
    return CallResult("waiting")


def _is_too_old(call: AccountCall) -> bool:
    return call.created_at < timezone.now() - timedelta(seconds=AccountCall.VOID_AFTER)
