"""Telegram accounts of a workspace."""

from typing import Final

from django.db import IntegrityError, transaction

from ingestion.errors import InputError
from ingestion.models import Account
from ingestion.sources.mtproto.config import session_dc
from tgadmin.lib.told import NOTHING
from workspaces.models import User, Workspace
from workspaces.services import audit

#: They are 32-bit numbers on the wire.
HIGHEST_API_ID: Final = 2**31 - 1


def plain_digits(text: str) -> str:
    """The digits of a number as a person writes it, in whatever script: ٤٤ is 44."""
    return "".join(str(int(char)) for char in text if char.isdecimal())


def create(
    *,
    workspace: Workspace,
    phone: str,
    api_id: int,
    api_hash: str,
    label: str = "",
    user: User | None = None,
) -> Account:
    """An account that is not connected yet: post `send_code` next.

    One that exists and is not connected takes the new application's id and hash. Without a `phone`
    it is for a login that tells the number itself: post `show_qr` or `import_session` next.
    """
    _check_api_id(api_id)
    if not phone:
        return _unnamed(
            workspace=workspace, api_id=api_id, api_hash=api_hash, label=label, user=user
        )
    number = _phone(phone)
    try:
        with transaction.atomic():
            account = Account.objects.create(
                workspace=workspace,
                phone=number,
                api_id=api_id,
                api_hash=api_hash.strip(),
                label=label.strip(),
            )
    except IntegrityError:
        account = Account.objects.get(workspace=workspace, phone=number)
        if account.state == Account.State.READY:
            raise InputError(
                "DUPLICATE",
                "The account %(account)s is already connected.",
                "Disconnect it first to log in anew.",
                account=account,
            ) from None
        account.label = label.strip() or account.label
        _begin_anew(account, phone=number, api_id=api_id, api_hash=api_hash)
    audit(workspace=workspace, user=user, action="account.create", target=account.phone)
    return account


def import_session(
    *,
    workspace: Workspace,
    api_id: int,
    api_hash: str,
    session: str,
    label: str = "",
    user: User | None = None,
) -> Account:
    """An account with a Telethon string session that was made elsewhere: post `check_session`
    next, which connects with it. Raises `InputError` for a text that is none.
    """
    text = "".join(session.split())
    try:
        session_dc(text)
    except ValueError:
        raise InputError(
            "SESSION_MALFORMED",
            "That is no Telethon string session.",
            "It begins with 1 and has 353 characters or more. Copy all of what "
            "StringSession.save() printed.",
        ) from None
    account = create(
        workspace=workspace, phone="", api_id=api_id, api_hash=api_hash, label=label, user=user
    )
    account.session = text
    account.save(update_fields=["session"])
    audit(workspace=workspace, user=user, action="account.session_import", target=str(account))
    return account


def export_session(*, account: Account, user: User) -> str:
    """The account's session string, for its owner to use elsewhere; written to the log of what
    people did. Whoever has it is the account.

    Raises `InputError` when there is none.
    """
    if account.state != Account.State.READY or not account.session:
        raise InputError(
            "NOT_CONNECTED",
            "The account %(account)s is not connected, so there is no session to export.",
            "Connect it first.",
            account=account,
        )
    audit(
        workspace=account.workspace,
        user=user,
        action="account.session_export",
        target=str(account),
    )
    return str(account.session)


def refuse_export(*, account: Account, user: User) -> None:
    """Write down that somebody asked for the session with a wrong password."""
    audit(
        workspace=account.workspace,
        user=user,
        action="account.session_refused",
        target=str(account),
    )


def _unnamed(
    *, workspace: Workspace, api_id: int, api_hash: str, label: str, user: User | None
) -> Account:
    """One whose number is not known yet: the one that was begun before, if there is any."""
    account = Account.objects.filter(
        workspace=workspace, phone="", state=Account.State.NEW, user_id=None
    ).first() or Account(workspace=workspace)
    account.label = label.strip() or account.label
    account.api_id, account.api_hash = api_id, api_hash.strip()
    account.session = None
    account.save()
    audit(workspace=workspace, user=user, action="account.create", target=str(account))
    return account


def change(
    *,
    account: Account,
    label: str,
    phone: str = "",
    api_id: int | None = None,
    api_hash: str = "",
    user: User | None = None,
) -> None:
    """Another name; and while it is not connected also what was typed wrong: what is left empty
    stays. A login that was begun with other values begins anew. Raises `InputError`.
    """
    account.label = label.strip()
    number = _phone(phone) if phone else account.phone
    if api_id is not None:
        _check_api_id(api_id)
    api_hash = api_hash.strip() or account.api_hash
    before = (account.phone, account.api_id, account.api_hash)
    after = (number, api_id or account.api_id, api_hash)
    if after == before:
        account.save(update_fields=["label"])
    elif account.state == Account.State.READY:
        raise InputError(
            "CONNECTED",
            "The account %(account)s is connected.",
            "Disconnect it first; then its number and its application can be changed.",
            account=account,
        )
    else:
        try:
            with transaction.atomic():
                _begin_anew(account, phone=after[0], api_id=after[1], api_hash=after[2])
        except IntegrityError:
            raise InputError(
                "DUPLICATE",
                "Another account of this workspace has the number %(number)s.",
                "Open that one, or type another number.",
                number=number,
            ) from None
    audit(workspace=account.workspace, user=user, action="account.change", target=account.phone)


def _begin_anew(account: Account, *, phone: str, api_id: int, api_hash: str) -> None:
    """A login that was lost, or begun with other values, starts with a new key."""
    account.phone, account.api_id, account.api_hash = phone, api_id, api_hash.strip()
    account.session = account.phone_code_hash = None
    account.state = Account.State.NEW
    account.error, account.error_code = NOTHING, ""
    account.error_at = None
    account.save(
        update_fields=[
            "phone",
            "api_id",
            "api_hash",
            "label",
            "session",
            "phone_code_hash",
            "state",
            "error",
            "error_code",
            "error_at",
        ]
    )


def _check_api_id(api_id: int) -> None:
    if not 1 <= api_id <= HIGHEST_API_ID:
        raise InputError(
            "API_ID_INVALID",
            "%(api_id)s is no api_id.",
            "Copy it from https://my.telegram.org → API development tools.",
            api_id=str(api_id),
        )


def _phone(text: str) -> str:
    digits = plain_digits(text)
    if not 6 <= len(digits) <= 15:
        raise InputError(
            "PHONE_NUMBER_INVALID",
            "“%(text)s” is no phone number.",
            "Write it with its country code, such as +44 20 7946 0000.",
            text=text,
        )
    return f"+{digits}"


def delete(*, account: Account, user: User | None = None) -> None:
    """Forget an account. What it archived stays; its session string is gone."""
    audit(workspace=account.workspace, user=user, action="account.delete", target=account.phone)
    account.delete()
