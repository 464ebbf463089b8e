"""What the commands share: finding things by what a person types, and printing them."""

import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from django.core.management.base import CommandError
from django.db.models import Q

from ingestion.models import Account, Channel
from ingestion.services.accounts import plain_digits
from workspaces.models import Workspace
from workspaces.services import default_workspace


def workspace() -> Workspace:
    """The workspace that commands work on."""
    return default_workspace()


def count(text: str) -> int:
    """How many, as an option takes it."""
    number = int(text) if re.fullmatch(r"\d{1,18}", text, re.ASCII) else 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} is not a number: 1 or more is needed")
    return number


def channel_from(ref: str) -> Channel:
    """`@name`, `name`, a t.me link, a peer id (-100…) or our own number."""
    name = ref.strip().removeprefix("https://t.me/").removeprefix("t.me/").lstrip("@").strip("/")
    wanted = Q(username__iexact=name)
    if re.fullmatch(r"-?\d+", name, re.ASCII):
        wanted = Q(peer_id=int(name)) | Q(pk=int(name))
    channel = Channel.objects.filter(wanted, workspace=workspace(), removed_at__isnull=True).first()
    if channel is None:
        raise CommandError(
            f"There is no channel “{ref}” in the archive. `manage.py channels list` shows those "
            f"that are there; `manage.py channels add {ref}` adds it."
        )
    return channel


def account_from(ref: str | None) -> Account:
    """A phone number, label or our own number; without one the only connected account."""
    accounts = Account.objects.filter(workspace=workspace())
    if ref:
        wanted = Q(phone=f"+{plain_digits(ref)}") | Q(label__iexact=ref)
        if ref.isdecimal():
            wanted |= Q(pk=int(ref))
        accounts = accounts.filter(wanted)
    else:
        accounts = accounts.filter(state=Account.State.READY)
    account = accounts.order_by("pk").first()
    if account is None:
        raise CommandError(
            f"There is no account “{ref}”." if ref else "No Telegram account is connected."
        ) from None
    return account


def print_json(value: Any) -> None:
    """JSON on standard output, readable and stable."""
    sys.stdout.buffer.write(
        orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    sys.stdout.buffer.flush()


def print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Aligned columns; nothing but the header when there are no rows."""
    lines = [list(columns), *([str(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
