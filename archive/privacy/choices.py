"""Redaction profiles of a workspace: the built-in one, and its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from archive.models import RedactionProfile
from archive.redaction import SHARE_OUTSIDE, Action, Kind, Rules
from ingestion.errors import DataError, InputError
from workspaces.models import User, Workspace
from workspaces.services import audit

#: The key of the profile that every workspace has.
BUILT_IN: Final = "outside"
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Profile:
    """`key` is what forms send: of a row its number."""

    key: str
    name: str
    rules: Rules

    def frozen(self) -> dict[str, Any]:
        """As it is now, for an export that is asked for now."""
        return {"profile": self.key, "name": self.name, "rules": self.rules.as_dict()}


def profiles(workspace: Workspace) -> list[Profile]:
    """All that can be chosen, the built-in one first."""
    rows = RedactionProfile.objects.filter(workspace=workspace).order_by("name", "pk")
    return [
        Profile(BUILT_IN, _("Share outside"), Rules.of(SHARE_OUTSIDE)),
        *(Profile(str(row.pk), row.name, Rules.of(row.rules)) for row in rows),
    ]


def profile(workspace: Workspace, key: str) -> Profile:
    """Raises `InputError` for one that is not the workspace's."""
    for one in profiles(workspace):
        if one.key == key:
            return one
    raise InputError(
        "REDACTION_PROFILE",
        "There is no such redaction profile in this workspace.",
        "Choose one of the list, or make one in the settings.",
    )


def renewed(workspace: Workspace, frozen: Mapping[str, Any]) -> dict[str, Any]:
    """What was frozen with a profile as that is now, for what is made again and again. Raises
    `DataError` where the profile is gone: nothing goes out in the clear then.
    """
    if not frozen:
        return {}
    key, name = str(frozen.get("profile", "")), str(frozen.get("name", ""))
    if key == BUILT_IN:
        return profile(workspace, key).frozen()
    number = int(key) if key.isascii() and key.isdigit() else 0
    row = RedactionProfile.objects.filter(workspace=workspace, pk=number).first()
    if row is None:
        raise DataError(
            "REDACTION_GONE",
            "The redaction profile “%(name)s” was deleted, so nothing is written.",
            "Make the schedule or the feed again, with another profile.",
            name=name,
        )
    # Its rules as they are: whoever writes refuses those that it does not understand.
    return {"profile": key, "name": row.name, "rules": row.rules}


@transaction.atomic
def save(
    *,
    workspace: Workspace,
    name: str,
    actions: dict[str, str],
    raw: bool = False,
    media: bool = False,
    key: str = "",
    user: User | None = None,
) -> RedactionProfile:
    """Make a profile, or change the one of this key."""
    name = name.replace("\0", "").strip()[:_LONGEST_NAME]
    if not name:
        raise InputError(
            "REDACTION_NAME", "A redaction profile needs a name.", "Say who it is made for."
        )
    known = {kind: Action(actions.get(kind, Action.KEEP)) for kind in Kind}
    rules = Rules(known, raw=raw, media=media).as_dict()
    rows = RedactionProfile.objects.filter(workspace=workspace)
    try:
        with transaction.atomic():
            if key:
                made = rows.get(pk=int(key))
                made.name, made.rules = name, rules
                made.save(update_fields=["name", "rules"])
            else:
                made = RedactionProfile.objects.create(
                    workspace=workspace, name=name, rules=rules, made_by=user
                )
    except IntegrityError as error:
        raise InputError(
            "REDACTION_NAME_TAKEN",
            "There is a redaction profile “%(name)s” already.",
            "Choose another name.",
            name=name,
        ) from error
    audit(workspace=workspace, user=user, action="redaction.save", target=name, rules=rules)
    return made


@transaction.atomic
def delete(*, profile: RedactionProfile, user: User | None = None) -> None:
    """Exports that were asked for with it keep it as it was."""
    audit(workspace=profile.workspace, user=user, action="redaction.delete", target=profile.name)
    profile.delete()
