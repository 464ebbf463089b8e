"""Links that make whoever opens them a member, once."""

import hashlib
import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from workspaces.access import within
from workspaces.errors import WorkspaceError
from workspaces.models import Invite, Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services import audit

#: How long a link can be used.
VALID: Final = timedelta(days=7)


class State(StrEnum):
    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


def make(*, workspace: Workspace, role: Role, label: str, user: User) -> tuple[Invite, str]:
    """An invite and its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(24)
    invite = Invite.objects.create(
        workspace=workspace,
        role=role,
        label=label,
        secret_hash=_hash(secret),
        invited_by=user,
        expires_at=timezone.now() + VALID,
    )
    audit(workspace=workspace, user=user, action="invite.make", target=label, role=role)
    return invite, secret


def find(secret: str) -> Invite | None:
    """The invite of a link, whatever became of it."""
    rows = Invite.objects.select_related("workspace", "invited_by", "accepted_by")
    return rows.filter(secret_hash=_hash(secret)).first()


def state(invite: Invite) -> State:
    if invite.accepted_at:
        return State.USED
    if invite.revoked_at:
        return State.REVOKED
    return State.EXPIRED if invite.expires_at <= timezone.now() else State.OPEN


def open_ones(workspace: Workspace) -> QuerySet[Invite]:
    """Those that can still be used, the newest first."""
    return within(workspace, _open(Invite.objects.select_related("invited_by"))).order_by("-pk")


def _open(rows: QuerySet[Invite]) -> QuerySet[Invite]:
    return rows.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


@transaction.atomic
def accept(*, invite: Invite, user: User) -> Membership:
    """Make the person a member. A link is used up by the first; a member does not use it up."""
    if Membership.objects.filter(workspace=invite.workspace, user=user).exists():
        raise WorkspaceError(_("You belong to this workspace already. The link was not used."))
    # Two people with one link: the second update finds no row.
    taken = _open(Invite.objects.filter(pk=invite.pk)).update(
        accepted_at=timezone.now(), accepted_by=user
    )
    if not taken:
        raise WorkspaceError(_("The link was used or revoked just now. Ask for another one."))
    membership = Membership.objects.create(
        workspace=invite.workspace, user=user, role=Role(invite.role)
    )
    audit(
        workspace=invite.workspace,
        user=user,
        action="member.join",
        target=str(user),
        role=invite.role,
    )
    return membership


@transaction.atomic
def revoke(*, invite: Invite, user: User) -> bool:
    """End a link; False when it could not be used any more."""
    revoked = _open(Invite.objects.filter(pk=invite.pk)).update(revoked_at=timezone.now())
    if revoked:
        audit(
            workspace=invite.workspace,
            user=user,
            action="invite.revoke",
            target=invite.label,
            role=invite.role,
        )
    return bool(revoked)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
