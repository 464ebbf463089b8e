"""Claiming the calls of an account, one after the other, and writing down their answers."""

import asyncio
import logging
from datetime import timedelta
from typing import Final

import orjson
from django.utils import timezone

from ingestion import holding, leases, readers, usage
from ingestion.calls import channels, dialogs, login, qr
from ingestion.calls.base import Answer, Handler, Line
from ingestion.errors import AccountError, FloodWait, IngestionError, LeaseLost, Unforeseen
from ingestion.models import Account, AccountCall
from ingestion.sources.mtproto.session import TelegramSession
from ingestion.telegram import open_session
from tgadmin.lib import logs
from tgadmin.lib.threads import DatabaseThread
from tgadmin.lib.told import Seconds, tell

logger = logging.getLogger(__name__)

State = AccountCall.State
Kind = AccountCall.Kind

_KINDS: Final[dict[str, Handler]] = {
    Kind.SEND_CODE: login.send_code,
    Kind.RESEND_CODE: login.resend_code,
    Kind.SIGN_IN: login.sign_in,
    Kind.CHECK_PASSWORD: login.check_password,
    Kind.LOG_OUT: login.log_out,
    Kind.CHECK: login.check,
    Kind.CHECK_SESSION: login.check_session,
    Kind.SHOW_QR: qr.show_qr,
    Kind.PREVIEW: channels.preview,
    Kind.ADD_CHANNEL: channels.add_channel,
    Kind.JOIN: channels.join,
    Kind.DIALOGS: dialogs.renew,
}


def answer_call(call_id: int) -> None:
    """Answer one call on a connection of its own. When another holder has the account, nothing:
    that holder answers between two pages.
    """
    call = AccountCall.objects.select_related("account__workspace").filter(pk=call_id).first()
    if call is None or call.state != State.PENDING:
        return
    logs.bind(account=call.account.pk)
    lease = holding.acquire(call.account.pk)
    if lease is None:
        return
    try:
        asyncio.run(_answer_alone(call, lease))
    except LeaseLost:
        logger.warning("Call %s: the account's lease was lost", call_id)
    finally:
        leases.release(lease.account_id, lease.token)


async def _answer_alone(call: AccountCall, lease: holding.Lease) -> None:
    account = call.account
    # A phone's consent is told as an update.
    listening = call.kind == Kind.SHOW_QR
    async with DatabaseThread("calls") as database, DatabaseThread("lease") as keeping:

        async def work() -> None:
            try:
                async with open_session(
                    account, lease.lasts, keeping, listening=listening
                ) as session:
                    await answer_waiting(account, session, database)
            except IngestionError as error:
                await database(_lose, account, error)
                if call.kind == Kind.CHECK_SESSION and isinstance(error, AccountError):
                    await database(login.forget, account)
                await database(_fail_all, account.pk, error)

        await holding.while_held(lease, keeping, work)


async def answer_waiting(
    account: Account,
    session: TelegramSession,
    database: DatabaseThread,
    stop: asyncio.Event | None = None,
) -> None:
    """Answer every call that waits for this account, oldest first.

    Once `stop` is set no other is taken up: whoever holds the account next answers it.
    """
    line = Line(account, session, database)
    while not (stop and stop.is_set()) and (call := await database(_claim_next, account.pk)):
        try:
            answer = await _KINDS[call.kind](line, _arguments(call))
        except IngestionError as error:
            if isinstance(error, FloodWait):
                error.told = tell(
                    "Telegram asked this account to wait %(time)s before the next %(method)s request.",
                    "Try again when that time is over.",
                    time=Seconds(error.seconds),
                    method=error.method,
                )
            await database(_lose, account, error)
            await database(_fail, call.pk, error)
        except Exception as error:
            logger.exception("Call %s (%s) failed", call.pk, call.kind)
            await database(_fail, call.pk, Unforeseen(error))
        else:
            await database(_succeed, call.pk, answer)
        await database(usage.count, account.pk, session.take_sent())


def _arguments(call: AccountCall) -> Answer:
    arguments: Answer = orjson.loads(call.arguments or "{}")
    return arguments


def _claim_next(account_id: int) -> AccountCall | None:
    """The next in the line. When it is one's turn, it and those behind it wait for another minute:
    of many lines that were posted at once, the last is answered, too.
    """
    now = timezone.now()
    waiting = AccountCall.objects.filter(
        account_id=account_id,
        state=State.PENDING,
        created_at__gt=now - timedelta(seconds=AccountCall.VOID_AFTER),
    ).order_by("created_at", "pk")
    for call in waiting:
        # Two holders cannot exist, but a person may have given up: the row count tells.
        pending = AccountCall.objects.filter(pk=call.pk, state=State.PENDING)
        if pending.update(state=State.CLAIMED, created_at=now):
            waiting.update(created_at=now)
            return call
    return None


def _succeed(call_id: int, answer: Answer) -> None:
    AccountCall.objects.filter(pk=call_id, state=State.CLAIMED).update(
        state=State.ANSWERED,
        arguments=None,
        answer=orjson.dumps(answer).decode(),
        answered_at=timezone.now(),
    )


def _fail(call_id: int, error: IngestionError) -> None:
    AccountCall.objects.filter(pk=call_id, state__in=[State.PENDING, State.CLAIMED]).update(
        state=State.FAILED,
        arguments=None,
        error_class=error.error_class,
        error_code=error.code,
        error=error.told,
        answered_at=timezone.now(),
    )


def _lose(account: Account, error: IngestionError) -> None:
    """An account that is connected learns from a call that it is not any more."""
    if isinstance(error, AccountError) and account.state == Account.State.READY:
        readers.lose(account, error)


def _fail_all(account_id: int, error: IngestionError) -> None:
    """No connection came about: everybody who waits for this account is told why."""
    for call_id in AccountCall.objects.filter(
        account_id=account_id, state__in=[State.PENDING, State.CLAIMED]
    ).values_list("pk", flat=True):
        _fail(call_id, error)
