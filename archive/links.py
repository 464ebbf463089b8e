"""Links by which somebody without a login downloads an export, until their time has come.

The address holds the link's number, signed with the installation's key: nothing secret is kept, and
who deletes the row takes the link back (https://docs.djangoproject.com/en/5.2/topics/signing/).
"""

from datetime import timedelta
from typing import Final

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from archive.models import Export, ExportLink
from ingestion.errors import InputError
from workspaces.models import User
from workspaces.services import audit

_SALT: Final = "archive.links"
#: Days that a link can be good for.
DAYS: Final = (1, 7, 30)


@transaction.atomic
def make(*, export: Export, days: int, user: User) -> ExportLink:
    """Raises `InputError` for an export that is no file."""
    if export.state != Export.State.DONE or not export.file_name:
        raise InputError(
            "LINK_NO_FILE",
            "This export has no file, so no link can lead to it.",
            "Make the export again, then a link.",
        )
    if days not in DAYS:
        raise InputError(
            "LINK_DAYS",
            "A link cannot be good for %(days)s days.",
            "Choose 1, 7 or 30 days.",
            days=days,
        )
    link = ExportLink.objects.create(
        export=export, made_by=user, expires_at=timezone.now() + timedelta(days=days)
    )
    _note(link, user, "export.link")
    return link


def secret_of(link: ExportLink) -> str:
    """What stands in the address."""
    return signing.dumps(link.pk, salt=_SALT)


def find(secret: str) -> ExportLink | None:
    """The link, unless it was taken back, its time has come, or nobody here signed it."""
    try:
        key = signing.loads(secret, salt=_SALT)
    except signing.BadSignature:
        return None
    rows = ExportLink.objects.select_related("export__channel", "export__workspace")
    return rows.filter(pk=key, expires_at__gt=timezone.now()).first()


@transaction.atomic
def note_download(link: ExportLink) -> None:
    """Count it, and write it down."""
    ExportLink.objects.filter(pk=link.pk).update(used=F("used") + 1, used_at=timezone.now())
    _note(link, None, "export.link_used")


@transaction.atomic
def revoke(*, link: ExportLink, user: User) -> None:
    _note(link, user, "export.link_revoked")
    link.delete()


def _note(link: ExportLink, user: User | None, action: str) -> None:
    export = link.export
    audit(
        workspace=export.workspace,
        user=user,
        action=action,
        target=export.download_name,
        export=export.pk,
        link=link.pk,
    )
