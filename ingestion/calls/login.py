"""Logging in and out, step by step."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from ingestion.calls.base import Answer, Line
from ingestion.errors import AccountError, InputError
from ingestion.models import Account
from ingestion.records import AccountRecord, PasswordNeeded, SentCode
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.told import NOTHING


async def send_code(line: Line, _: Answer) -> Answer:
    """Have a login code sent. Answers `sent_by` (app, sms, call …), `length` (0: not known),
    `next_by` (how it would come if asked for again; empty: there is no other way) and
    `wait` (seconds before that; null: none).
    """
    sent = await line.session.send_code(line.account.phone)
    await line.database(_code_sent, line, sent)
    return _told(sent)


async def resend_code(line: Line, _: Answer) -> Answer:
    """Have the code sent again, by the next way; the one before is void. Answers as `send_code`.

    Fails with NO_CODE_SENT, PHONE_CODE_EXPIRED (start anew), SEND_CODE_UNAVAILABLE (no other way).
    """
    sent = await line.session.resend_code(line.account.phone, _code_hash(line.account))
    await line.database(_code_sent, line, sent)
    return _told(sent)


async def sign_in(line: Line, arguments: Answer) -> Answer:
    """Log in with `code`. Answers `name`, or `password_needed` and its `hint`."""
    account = line.account
    result = await line.session.sign_in(account.phone, arguments["code"], _code_hash(account))
    if isinstance(result, PasswordNeeded):
        return await ask_for_password(line, result)
    return await arrive(line, result)


async def check_password(line: Line, arguments: Answer) -> Answer:
    """Finish the login with the two-step `password`. Answers `name`."""
    result = await line.session.check_password(arguments["password"])
    return await arrive(line, result)


async def ask_for_password(line: Line, needed: PasswordNeeded) -> Answer:
    """The login goes on with `check_password`. Answers `password_needed` and its `hint`."""
    account = line.account

    def ask() -> None:
        account.session = line.session.session_string()
        account.password_hint = needed.hint
        account.state = Account.State.PASSWORD_NEEDED
        account.save(update_fields=["session", "password_hint", "state"])

    await line.database(ask)
    return {"password_needed": True, "hint": needed.hint}


async def arrive(line: Line, me: AccountRecord) -> Answer:
    """The login is complete. Answers `name`.

    InputError when it is another person's than the account's, or one that the workspace has
    already: the new login is ended, and nothing changed.
    """
    try:
        await line.database(_check_person, line.account, me)
    except InputError:
        await line.session.log_out()
        await line.database(forget, line.account)
        raise
    await line.database(_connected, line.account, line.session, me)
    return {"name": me.name}


def _check_person(account: Account, me: AccountRecord) -> None:
    """Whoever scans a code or has a session may be anybody; a phone number is somebody's."""
    known = account.user_id is not None and account.user_id != me.user_id
    if known and account.phone != f"+{me.phone}":
        raise InputError(
            "OTHER_PERSON",
            "That login belongs to %(name)s, and not to the account %(account)s.",
            "Connect it as an account of its own.",
            name=me.name,
            account=account,
        )
    others = Account.objects.filter(workspace=account.workspace_id).exclude(pk=account.pk)
    same = others.filter(Q(user_id=me.user_id) | Q(phone=f"+{me.phone}")).first()
    if same is not None:
        raise InputError(
            "DUPLICATE",
            "%(account)s is in this workspace already.",
            "Open it on the Accounts page; if it is not connected, connect it there.",
            account=same,
        )


def forget(account: Account) -> None:
    """A session that is worth nothing: the login begins anew."""
    account.session = None
    account.state = Account.State.NEW
    account.save(update_fields=["session", "state"])


async def check_session(line: Line, _: Answer) -> Answer:
    """Find out whose session it is that was typed in. Answers `name`; a session that Telegram
    refuses is forgotten.
    """
    try:
        me = await line.session.me()
    except AccountError:
        await line.database(forget, line.account)
        raise
    return await arrive(line, me)


async def check(line: Line, _: Answer) -> Answer:
    """Whether Telegram accepts the login again that it refused: a ban that was lifted, an account
    that is not frozen any more. Answers `name`; fails with what Telegram says.
    """
    me = await line.session.me()
    await line.session.dialogs(pages=1)  # of a frozen account this is refused, its name is not
    await line.database(_connected, line.account, line.session, me)
    return {"name": me.name}


async def log_out(line: Line, _: Answer) -> Answer:
    """End the login on Telegram's side, and forget its key. Answers nothing."""
    account = line.account
    await line.session.log_out()

    def disconnect() -> None:
        account.session = None
        account.state = Account.State.DISCONNECTED
        account.save(update_fields=["session", "state"])

    await line.database(disconnect)
    return {}


def _code_hash(account: Account) -> str:
    code_hash: str | None = account.phone_code_hash
    if not code_hash:
        raise InputError(
            "NO_CODE_SENT", "No code was asked for yet.", "Ask Telegram for a code first."
        )
    return code_hash


def _code_sent(line: Line, sent: SentCode) -> None:
    account, now = line.account, timezone.now()
    account.session = line.session.session_string()
    account.phone_code_hash = sent.phone_code_hash
    account.code_sent_at = now
    account.code_sent_by = sent.type
    account.code_next_by = sent.next_type
    account.code_again_at = now + timedelta(seconds=sent.timeout) if sent.timeout else None
    account.state = Account.State.CODE_SENT
    account.save(
        update_fields=[
            "session",
            "phone_code_hash",
            "code_sent_at",
            "code_sent_by",
            "code_next_by",
            "code_again_at",
            "state",
        ]
    )


def _told(sent: SentCode) -> Answer:
    return {
        "sent_by": sent.type,
        "length": sent.length,
        "next_by": sent.next_type,
        "wait": sent.timeout,
    }


def _connected(account: Account, session: TelegramSession, me: AccountRecord) -> None:
    account.session = session.session_string()
    account.phone_code_hash = None
    account.state = Account.State.READY
    account.user_id = me.user_id
    if me.phone:
        account.phone = f"+{me.phone}"
    account.name = me.name
    account.username = me.username
    account.error, account.error_code = NOTHING, ""
    account.error_at = None
    account.save()
