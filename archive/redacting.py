"""A redactor for a workspace: its key, and who its people are."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

from archive.redaction import People, Redactor, Rules
from ingestion import people as people_of
from ingestion.errors import DataError
from ingestion.models import PeoplePolicy, Sender
from workspaces.models import Workspace

#: Keys for different uses are different ones, made of the same secret.
_USE: Final = b"tgadmin redaction"
_CHUNK: Final = 5_000


def redactor_of(workspace: Workspace, frozen: Mapping[str, Any]) -> Redactor | None:
    """What an export's rows go through; None where no redaction was asked for. Raises `DataError`
    for one that is not understood: nothing goes out then.
    """
    if not frozen:
        return None
    try:
        rules = Rules.frozen(frozen["rules"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "REDACTION_RULES",
            "The redaction profile of this export is not understood, so nothing was written.",
            "Choose the profile again; it may be of another version.",
        ) from error
    return Redactor(rules, key_of(workspace), everybody(workspace))


def key_of(workspace: Workspace) -> bytes:
    """For pseudonyms: of the workspace's secret, which is encrypted at rest."""
    policy, _ = PeoplePolicy.objects.get_or_create(workspace=workspace)
    if not policy.key:
        # Of two that find none, one writes: both then read the same.
        PeoplePolicy.objects.filter(pk=policy.pk, key__isnull=True).update(key=people_of.new_key())
        policy.refresh_from_db(fields=["key"])
    return hmac.new(people_of.key_of(policy), _USE, hashlib.sha256).digest()


def everybody(workspace: Workspace) -> People:
    """Who wrote or was named in the workspace's channels, as far as it is kept."""
    people = People()
    rows = Sender.objects.filter(
        workspace=workspace, kind__in=[Sender.Kind.USER, Sender.Kind.BOT]
    ).order_by("pk")
    for row in rows.only("peer_id", "kind", "name", "usernames").iterator(_CHUNK):
        if row.kind == Sender.Kind.BOT:
            people.bots.add(str(row.peer_id))
        else:
            people.add(str(row.peer_id), name=row.name, usernames=row.usernames)
    return people
