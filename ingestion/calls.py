"""What a person waits for: questions to Telegram that the web process posts and a holder answers.

A call is a row; its arguments are encrypted and wiped with the answer. Each kind is one function
below. They run in the holder's event loop; rows are read and written in its database thread.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import orjson
from django.utils import timezone

from ingestion import holding, leases
from ingestion.errors import IngestionError, InputError, LeaseLost
from ingestion.models import Account, AccountCall, Channel, ChannelAccess
from ingestion.records import AccountRecord, ChannelRecord, PasswordNeeded
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.session import TelegramSession
from ingestion.telegram import open_session
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

Answer = dict[str, Any]
State = AccountCall.State
Kind = AccountCall.Kind


def answer_call(call_id: int) -> None:
    """Answer one call on a connection of its own. When another holder has the account, nothing:
    that holder answers between two pages.
    """
    call = AccountCall.objects.select_related("account").filter(pk=call_id).first()
    if call is None or call.state != State.PENDING:
        return
    lease = holding.acquire(call.account.pk)
    if lease is None:
        return
    try:
        asyncio.run(_answer_alone(call.account, lease))
    except LeaseLost:
        logger.warning("Call %s: the account's lease was lost", call_id)
    finally:
        leases.release(lease.account_id, lease.token)


async def _answer_alone(account: Account, lease: holding.Lease) -> None:
    async with DatabaseThread("calls") as database, DatabaseThread("lease") as keeping:

        async def work() -> None:
            try:
                async with open_session(account, lease.lasts) as session:
                    await answer_waiting(account, session, database)
            except IngestionError as error:
                await database(_fail_all, account.pk, error)

        await holding.while_held(lease, keeping, work)


async def answer_waiting(
    account: Account, session: TelegramSession, database: DatabaseThread
) -> None:
    """Answer every call that waits for this account, oldest first."""
    while call := await database(_claim_next, account.pk):
        try:
            answer = await _KINDS[call.kind](account, session, database, _arguments(call))
        except IngestionError as error:
            await database(_fail, call.pk, error)
        except Exception as error:
            logger.exception("Call %s (%s) failed", call.pk, call.kind)
            told = IngestionError(
                "UNEXPECTED",
                f"An error that nobody foresaw: {type(error).__name__}.",
                "Try again; when it happens again, report it with the log.",
            )
            await database(_fail, call.pk, told)
        else:
            await database(_succeed, call.pk, answer)


def _arguments(call: AccountCall) -> Answer:
    arguments: Answer = orjson.loads(call.arguments or "{}")
    return arguments


def _claim_next(account_id: int) -> AccountCall | None:
    since = timezone.now() - timedelta(seconds=AccountCall.VOID_AFTER)
    waiting = AccountCall.objects.filter(
        account_id=account_id, state=State.PENDING, created_at__gt=since
    ).order_by("created_at", "pk")
    for call in waiting:
        # Two holders cannot exist, but a person may have given up: the row count tells.
        if AccountCall.objects.filter(pk=call.pk, state=State.PENDING).update(state=State.CLAIMED):
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
        error=str(error),
        answered_at=timezone.now(),
    )


def _fail_all(account_id: int, error: IngestionError) -> None:
    """No connection came about: everybody who waits for this account is told why."""
    for call_id in AccountCall.objects.filter(
        account_id=account_id, state__in=[State.PENDING, State.CLAIMED]
    ).values_list("pk", flat=True):
        _fail(call_id, error)


# -- the kinds ----------------------------------------------------------------------------------


async def _send_code(
    account: Account, session: TelegramSession, database: DatabaseThread, _: Answer
) -> Answer:
    sent = await session.send_code(account.phone)

    def keep() -> None:
        account.session = session.session_string()
        account.phone_code_hash = sent.phone_code_hash
        account.code_sent_at = timezone.now()
        account.code_sent_by = sent.type
        account.state = Account.State.CODE_SENT
        account.save(
            update_fields=["session", "phone_code_hash", "code_sent_at", "code_sent_by", "state"]
        )

    await database(keep)
    return {"sent_by": sent.type, "length": sent.length}


async def _sign_in(
    account: Account, session: TelegramSession, database: DatabaseThread, arguments: Answer
) -> Answer:
    if not account.phone_code_hash:
        raise InputError(
            "NO_CODE_SENT", "No code was asked for yet.", "Ask Telegram for a code first."
        )
    result = await session.sign_in(account.phone, arguments["code"], account.phone_code_hash)
    if isinstance(result, PasswordNeeded):

        def ask() -> None:
            account.session = session.session_string()
            account.password_hint = result.hint
            account.state = Account.State.PASSWORD_NEEDED
            account.save(update_fields=["session", "password_hint", "state"])

        await database(ask)
        return {"password_needed": True, "hint": result.hint}
    await database(_connected, account, session, result)
    return {"name": result.name}


async def _check_password(
    account: Account, session: TelegramSession, database: DatabaseThread, arguments: Answer
) -> Answer:
    result = await session.check_password(arguments["password"])
    await database(_connected, account, session, result)
    return {"name": result.name}


def _connected(account: Account, session: TelegramSession, me: AccountRecord) -> None:
    account.session = session.session_string()
    account.phone_code_hash = None
    account.state = Account.State.READY
    account.user_id = me.user_id
    account.name = me.name
    account.username = me.username
    account.error = account.error_code = ""
    account.error_at = None
    account.save()


async def _log_out(
    account: Account, session: TelegramSession, database: DatabaseThread, _: Answer
) -> Answer:
    await session.log_out()

    def forget() -> None:
        account.session = None
        account.state = Account.State.DISCONNECTED
        account.save(update_fields=["session", "state"])

    await database(forget)
    return {}


async def _add_channel(
    account: Account, session: TelegramSession, database: DatabaseThread, arguments: Answer
) -> Answer:
    username = arguments["username"]
    address = await database(_known_address, account, username)
    record = await (session.describe(address) if address else session.resolve(username))
    channel = await database(save_channel, account, record)
    return {"channel_id": channel.pk, "title": channel.title}


def _known_address(account: Account, username: str) -> ChannelAddress | None:
    """A channel that was here before need not be resolved again."""
    access = (
        ChannelAccess.objects.filter(account=account, channel__username__iexact=username)
        .select_related("channel")
        .first()
    )
    return ChannelAddress(access.channel.peer_id, access.access_hash) if access else None


def save_channel(account: Account, record: ChannelRecord) -> Channel:
    """Archive this channel from now on. One that was removed comes back with its messages, one
    whose account was forgotten gets this one; one that is there is told to be so.
    """
    if record.left and record.is_private:
        raise InputError(
            "CHANNEL_PRIVATE",
            f"“{record.title}” is private and this account is not a member.",
            "Join it with the account in a Telegram app, then add it again.",
        )
    channel = Channel.objects.filter(
        workspace_id=account.workspace_id, peer_id=record.peer_id
    ).first() or Channel(workspace_id=account.workspace_id, peer_id=record.peer_id)
    there = channel.pk is not None and channel.removed_at is None and channel.accesses.exists()
    channel.removed_at = None
    describe_channel(channel, record)
    ChannelAccess.objects.update_or_create(
        channel=channel, account=account, defaults={"access_hash": record.access_hash}
    )
    if there:
        raise InputError(
            "DUPLICATE", f"“{channel.title}” is already in this workspace.", "Nothing to do."
        )
    return channel


def describe_channel(channel: Channel, record: ChannelRecord) -> None:
    """Keep what Telegram says of the channel now."""
    fields = ("title", "username", "about", "members", "kind", "available_min_id", "is_private")
    for name in fields:
        setattr(channel, name, getattr(record, name))
    # Nothing else: the writer raises top_id at the same time.
    channel.save(update_fields=[*fields, "removed_at"] if channel.pk else None)


_Handler = Callable[[Account, TelegramSession, DatabaseThread, Answer], Awaitable[Answer]]
_KINDS: Final[dict[str, _Handler]] = {
    Kind.SEND_CODE: _send_code,
    Kind.SIGN_IN: _sign_in,
    Kind.CHECK_PASSWORD: _check_password,
    Kind.LOG_OUT: _log_out,
    Kind.ADD_CHANNEL: _add_channel,
}
