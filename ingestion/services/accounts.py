"""Telegram accounts of a workspace."""

from django.db import IntegrityError, transaction

from ingestion.errors import InputError
from ingestion.models import Account
from workspaces.models import User, Workspace
from workspaces.services import audit

#: They are 32-bit numbers on the wire.
HIGHEST_API_ID = 2**31 - 1


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

    One that exists and is not connected takes the new application's id and hash.
    """
    if not 1 <= api_id <= HIGHEST_API_ID:
        raise InputError(
            "API_ID_INVALID",
            f"{api_id} is no api_id.",
            "Copy it from https://my.telegram.org → API development tools.",
        )
    digits = plain_digits(phone)
    if not 6 <= len(digits) <= 15:
        raise InputError(
            "PHONE_NUMBER_INVALID",
            f"“{phone}” is no phone number.",
            "Write it with its country code, such as +44 20 7946 0000.",
        )
    try:
        with transaction.atomic():
            account = Account.objects.create(
                workspace=workspace,
                phone=f"+{digits}",
                api_id=api_id,
                api_hash=api_hash.strip(),
                label=label.strip(),
            )
    except IntegrityError:
        account = Account.objects.get(workspace=workspace, phone=f"+{digits}")
        if account.state == Account.State.READY:
            raise InputError(
                "DUPLICATE",
                f"The account {account} is already connected.",
                "Disconnect it first to log in anew.",
            ) from None
        account.api_id, account.api_hash = api_id, api_hash.strip()
        account.label = label.strip() or account.label
        # A login that was lost starts with a new key.
        account.session = None
        account.state = Account.State.NEW
        account.save(update_fields=["api_id", "api_hash", "label", "session", "state"])
    audit(workspace=workspace, user=user, action="account.create", target=account.phone)
    return account


def delete(*, account: Account, user: User | None = None) -> None:
    """Forget an account. What it archived stays; its session string is gone."""
    audit(workspace=account.workspace, user=user, action="account.delete", target=account.phone)
    account.delete()
