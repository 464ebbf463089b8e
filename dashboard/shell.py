"""What stands around every page: the workspace, the navigation with its counts, the health."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboard.guard import NoWorkspace, Request
from ingestion.models import Account, Channel, SyncRun, WorkerHeartbeat
from ingestion.services import workers
from workspaces.access import within
from workspaces.middleware import CHOSEN, zone
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Permission, may

#: The role of the process that only hands out work.
TICK = "tick"


@dataclass(frozen=True)
class Shell:
    """Made once a page; its counts are asked for when a template shows them."""

    user: User
    membership: Membership
    memberships: list[Membership]
    section: str

    @property
    def workspace(self) -> Workspace:
        return self.membership.workspace

    @property
    def can(self) -> dict[str, bool]:
        """`{"sync": True, …}`: which buttons to show. The views check again."""
        return {p.value: may(self.membership.role, p) for p in Permission}

    @property
    def demo(self) -> bool:
        """Whether this instance is the demo."""
        return bool(settings.TGADMIN_DEMO)

    def knows(self, **counts: Any) -> None:
        """Take what a page found out anyway, so that it is not asked for again."""
        vars(self).update(counts)

    @cached_property
    def channels(self) -> int:
        return within(self.workspace, Channel.objects.filter(removed_at=None)).count()

    @cached_property
    def active_runs(self) -> int:
        return within(self.workspace, SyncRun.objects.filter(state__in=SyncRun.ACTIVE)).count()

    @cached_property
    def account_states(self) -> list[str]:
        rows = within(self.workspace, Account.objects.all())
        return list(rows.values_list("state", flat=True))

    @property
    def accounts_ready(self) -> int:
        return self.account_states.count(Account.State.READY)

    @property
    def accounts_lost(self) -> int:
        return self.account_states.count(Account.State.LOST)

    @cached_property
    def alive(self) -> list[WorkerHeartbeat]:
        """Every process that gave a sign of life a moment ago."""
        return workers.alive()

    @property
    def workers(self) -> list[WorkerHeartbeat]:
        """Those that do the work and are alive."""
        return [row for row in self.alive if row.role != TICK]

    @property
    def worker_seen(self) -> datetime | None:
        """When a worker was last heard of."""
        return max((row.seen_at for row in self.workers), default=None)


def shell_of(request: Request, *, section: str = "", workspace_id: int | None = None) -> Shell:
    """The shell in the workspace that the page is about, else in the chosen one, else in the
    person's first. `NoWorkspace` for somebody who belongs to none.
    """
    memberships = request.user.seats
    if not memberships:
        raise NoWorkspace
    wanted = workspace_id or request.session.get(CHOSEN)
    chosen = next((m for m in memberships if m.workspace_id == wanted), memberships[0])
    if not request.user.time_zone:
        timezone.activate(zone(chosen.workspace.time_zone))
    return Shell(request.user, chosen, memberships, section)


def page(
    request: Request, shell: Shell, template: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Render a page inside the shell."""
    return render(
        request,
        f"dashboard/{template}",
        {"shell": shell, "can": shell.can, **context},
        status=status,
    )
