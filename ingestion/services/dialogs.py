"""The list of what an account is in: reading it, and taking it away as a file.

The call `dialogs` renews it.
"""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypedDict

import orjson
from django.db.models import OuterRef, Q, QuerySet, Subquery

from ingestion.models import Account, Channel, Dialog

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

#: The columns of an export, in order; `type` is of `ChannelKind`.
COLUMNS: Final = ("id", "username", "type", "title", "access_hash")

#: What a spreadsheet would run as a formula (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Archived(TypedDict):
    """What `search` adds to each dialog."""

    channel: int | None


def search(*, account: Account, text: str = "") -> "QuerySet[WithAnnotations[Dialog, Archived]]":
    """The account's channels as it has them, the one with the newest message first; with `text`
    those whose title or name holds it.

    Each has `channel`, the key of the workspace's channel when it is archived already, else None.
    """
    rows = Dialog.objects.filter(account=account)
    if text := text.strip():
        rows = rows.filter(Q(title__icontains=text) | Q(username__icontains=text.lstrip("@")))
    archived = Channel.objects.filter(
        workspace_id=account.workspace_id, peer_id=OuterRef("peer_id"), removed_at__isnull=True
    )
    return rows.annotate(channel=Subquery(archived.values("pk")[:1])).order_by("position", "pk")


def export_rows(*, account: Account) -> Iterator[dict[str, Any]]:
    """The whole list, a row at a time: id (-100…), username, type, title, access_hash.

    Access hashes are of use to this account alone, together with its login.
    """
    for dialog in Dialog.objects.filter(account=account).order_by("position", "pk").iterator():
        yield {
            "id": dialog.peer_id,
            "username": dialog.username,
            "type": dialog.kind,
            "title": dialog.title,
            "access_hash": dialog.access_hash,
        }


def export_csv(*, account: Account) -> Iterator[bytes]:
    """The list as CSV (RFC 4180, UTF-8 with a byte order mark), in pieces; a title that a
    spreadsheet would run gets an apostrophe in front.
    """
    line = io.StringIO()
    writer = csv.writer(line)
    line.write("\ufeff")
    writer.writerow(COLUMNS)
    for row in export_rows(account=account):
        if row["title"].startswith(_FORMULA):
            row["title"] = f"'{row['title']}"
        writer.writerow(row.values())
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()


def export_json(*, account: Account) -> Iterator[bytes]:
    """The list as a JSON array, in pieces.

    An access hash is a 64-bit number; JavaScript keeps 53 bits of numbers, so it is text here.
    """
    before = b"[\n"
    for row in export_rows(account=account):
        yield before + orjson.dumps({**row, "access_hash": str(row["access_hash"])})
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"
