"""Who belongs to a workspace, and as what. The last owner stays one."""

from django.db import transaction
from django.utils.translation import gettext as _

from workspaces import invites
from workspaces.errors import WorkspaceError
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services import audit


@transaction.atomic
def set_role(*, membership: Membership, role: Role, user: User) -> None:
    """Give a member another role."""
    _keep_an_owner(membership, role)
    before = membership.role
    if before == role:
        return
    membership.role = role
    membership.save(update_fields=["role"])
    if before == Role.OWNER:
        _revoke_invites(membership, user)
    audit(
        workspace=membership.workspace,
        user=user,
        action="member.role",
        target=str(membership.user),
        before=before,
        role=role,
    )


@transaction.atomic
def remove(*, membership: Membership, user: User) -> None:
    """End a membership. What the person made stays; so does their sign-in, for other workspaces."""
    _keep_an_owner(membership, None)
    left = membership.user_id == user.pk
    audit(
        workspace=membership.workspace,
        user=user,
        action="member.leave" if left else "member.remove",
        target=str(membership.user),
        role=membership.role,
    )
    _revoke_invites(membership, user)
    membership.delete()


def _revoke_invites(membership: Membership, user: User) -> None:
    """End the links that somebody made as an owner: one of them could be their own way back."""
    for invite in invites.open_ones(membership.workspace).filter(invited_by=membership.user_id):
        invites.revoke(invite=invite, user=user)


def is_last_owner(membership: Membership) -> bool:
    owners = Membership.objects.filter(workspace=membership.workspace, role=Role.OWNER)
    return membership.role == Role.OWNER and not owners.exclude(pk=membership.pk).exists()


def _keep_an_owner(membership: Membership, role: Role | None) -> None:
    # Two owners who step down at once: the second waits here, and then finds nobody else.
    Workspace.objects.select_for_update().get(pk=membership.workspace_id)
    try:
        membership.refresh_from_db(fields=["role"])
    except Membership.DoesNotExist as error:  # two presses at once, or somebody was faster
        raise WorkspaceError(
            _("%(name)s no longer belongs to “%(workspace)s”.")
            % {"name": membership.user, "workspace": membership.workspace}
        ) from error
    if role is not Role.OWNER and is_last_owner(membership):
        raise WorkspaceError(
            _(
                "%(name)s is the only owner of this workspace, and it needs one. Make somebody "
                "else an owner first."
            )
            % {"name": membership.user}
        )
