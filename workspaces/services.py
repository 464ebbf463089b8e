"""What is done to workspaces and people."""

from django.db import transaction

from workspaces.models import AuditEvent, Membership, User, Workspace
from workspaces.roles import Role

DEFAULT_WORKSPACE = "My archive"


@transaction.atomic
def ensure_first_owner(*, username: str, password: str) -> bool:
    """The first administrator with a workspace of their own; False when somebody is there."""
    if User.objects.exists():
        return False
    user = User.objects.create_superuser(username=username, password=password)
    workspace = Workspace.objects.order_by("pk").first() or Workspace.objects.create(
        name=DEFAULT_WORKSPACE
    )
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    return True


def default_workspace() -> Workspace:
    """The oldest workspace: the one that commands work on unless told otherwise."""
    return Workspace.objects.order_by("pk").first() or Workspace.objects.create(
        name=DEFAULT_WORKSPACE
    )


def audit(
    *, workspace: Workspace, user: User | None, action: str, target: str, **details: object
) -> None:
    """Write down who did what. `details` hold no secret."""
    AuditEvent.objects.create(
        workspace=workspace, user=user, action=action, target=target[:200], details=details
    )
