"""What is done to workspaces and people."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from workspaces.models import Appearance, AuditEvent, Membership, User, Workspace
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


def remember_columns(*, user: User, columns: Sequence[str]) -> None:
    """What the person's table of messages shows from now on."""
    user.table_columns = list(columns)
    user.save(update_fields=["table_columns"])


def remember_density(*, user: User, compact: bool) -> None:
    """How close together the rows of the person's table are from now on."""
    user.table_compact = compact
    user.save(update_fields=["table_compact"])


def remember_appearance(*, user: User, appearance: Appearance) -> None:
    """How pages look to the person from now on, in every browser."""
    user.appearance = appearance
    user.save(update_fields=["appearance"])


def default_workspace() -> Workspace:
    """The oldest workspace: the one that commands work on unless told otherwise."""
    return Workspace.objects.order_by("pk").first() or Workspace.objects.create(
        name=DEFAULT_WORKSPACE
    )


@transaction.atomic
def create_workspace(*, name: str, user: User) -> Workspace:
    """Another workspace, which belongs to the one who makes it."""
    workspace = Workspace.objects.create(name=name, time_zone=user.time_zone or "UTC")
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    audit(workspace=workspace, user=user, action="workspace.create", target=name)
    return workspace


@transaction.atomic
def change_workspace(
    *,
    workspace: Workspace,
    name: str,
    time_zone: str,
    default_sync_minutes: int | None,
    default_live: bool,
    keep_exports_days: int | None,
    user: User,
) -> None:
    """Set what everybody in it shares."""
    wanted = {
        "name": name,
        "time_zone": time_zone,
        "default_sync_minutes": default_sync_minutes,
        "default_live": default_live,
        "keep_exports_days": keep_exports_days,
    }
    changed = {
        field: value for field, value in wanted.items() if getattr(workspace, field) != value
    }
    for field, value in changed.items():
        setattr(workspace, field, value)
    if changed:
        workspace.save(update_fields=list(changed))
        audit(workspace=workspace, user=user, action="workspace.change", target=name, **changed)


def may_create_workspaces(user: User) -> bool:
    """Owners of any workspace, and superusers."""
    return user.is_superuser or any(seat.role == Role.OWNER for seat in user.seats)


def dismiss_checklist(*, workspace: Workspace, user: User) -> None:
    """Be done with the list of first steps, for everybody."""
    found = Workspace.objects.filter(pk=workspace.pk, checklist_dismissed_at=None)
    if found.update(checklist_dismissed_at=timezone.now()):
        audit(workspace=workspace, user=user, action="checklist.dismiss", target=workspace.name)


def audit(
    *, workspace: Workspace, user: User | None, action: str, target: str, **details: object
) -> None:
    """Write down who did what. `details` hold no secret."""
    AuditEvent.objects.create(
        workspace=workspace, user=user, action=action, target=target[:200], details=details
    )
