"""The only way to tenant data.

A stranger to a workspace gets `NotFound` for everything in it, as if it did not exist; a member
whose role is too low gets `Forbidden`. A tenant model says by `workspace_path` how it reaches its
workspace (`"workspace"`, or `"channel__workspace"`).
"""

from typing import Protocol, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404

from workspaces.models import Membership, User, Workspace
from workspaces.roles import Permission, roles_with

NotFound = Http404
Forbidden = PermissionDenied


class TenantModel(Protocol):
    """What a model needs to be reached through here."""

    workspace_path: str


ModelT = TypeVar("ModelT", bound=Model)
Person = User | AnonymousUser


def workspaces_of(user: Person, permission: Permission = Permission.READ) -> QuerySet[Workspace]:
    """The workspaces in which the person has the permission, oldest first."""
    memberships = Membership.objects.filter(
        user_id=user.pk or 0, role__in=roles_with(permission)
    ).values("workspace_id")
    return Workspace.objects.filter(pk__in=memberships).order_by("pk")


def visible(
    user: Person, rows: QuerySet[ModelT], permission: Permission = Permission.READ
) -> QuerySet[ModelT]:
    """The rows that lie in workspaces where the person has the permission."""
    path = getattr(rows.model, "workspace_path")  # noqa: B009, TenantModel's promise
    return rows.filter(**{f"{path}__in": workspaces_of(user, permission)})


def within(workspace: Workspace, rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
    """The rows of one workspace, which the caller got from `access_workspace`."""
    path = getattr(rows.model, "workspace_path")  # noqa: B009, TenantModel's promise
    return rows.filter(**{path: workspace})


def access(
    user: Person,
    rows: QuerySet[ModelT],
    permission: Permission = Permission.READ,
    **lookup: object,
) -> ModelT:
    """One row: `NotFound` to strangers, `Forbidden` to members whose role is too low."""
    row = visible(user, rows).filter(**lookup).first()
    if row is None:
        raise NotFound
    if (
        permission is not Permission.READ
        and not visible(user, rows, permission).filter(**lookup).exists()
    ):
        raise Forbidden
    return row


def access_workspace(
    user: Person, workspace_id: int, permission: Permission = Permission.READ
) -> Workspace:
    """One workspace, by the same rules."""
    workspace = workspaces_of(user).filter(pk=workspace_id).first()
    if workspace is None:
        raise NotFound
    if not workspaces_of(user, permission).filter(pk=workspace_id).exists():
        raise Forbidden
    return workspace


def has(user: Person, workspace: Workspace, permission: Permission) -> bool:
    """Whether to show a button."""
    return workspaces_of(user, permission).filter(pk=workspace.pk).exists()
