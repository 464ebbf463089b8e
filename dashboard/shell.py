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
from ingestion.models import Account, FloodWait, WorkerHeartbeat
from ingestion.services import standing, workers
from ingestion.services.standing import Lost, Standing
from workspaces.access import within
from workspaces.middleware import CHOSEN, zone
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Permission, may

#: The roles of the processes that no run waits for: one hands out work, one listens.
TICK = "tick"
NO_WORKERS = (TICK, "listener")


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

    @cached_property
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
    def _standing(self) -> Standing:
        return standing.of_workspace(self.workspace)

    @cached_property
    def channels(self) -> int:
        return self._standing.channels

    @cached_property
    def active_runs(self) -> int:
        return self._standing.active_runs

    @cached_property
    def account_states(self) -> list[str]:
        return self._standing.account_states

    @cached_property
    def accounts(self) -> list[Account]:
        """All of the workspace, oldest first, for pages that name them."""
        return list(within(self.workspace, Account.objects.order_by("pk")))

    @cached_property
    def flood_waits(self) -> list[FloodWait]:
        """Those that last still, the longest first."""
        rows = within(self.workspace, FloodWait.objects.filter(until__gt=timezone.now()))
        found = list(rows.order_by("-until"))
        named = {account.pk: account for account in self.accounts} if found else {}
        for row in found:
            row.account = named[row.account_id]
        return found

    @property
    def accounts_ready(self) -> int:
        return self.account_states.count(Account.State.READY)

    @property
    def accounts_lost(self) -> int:
        return self.account_states.count(Account.State.LOST)

    @cached_property
    def lost(self) -> list[Lost]:
        """Accounts whose login Telegram refuses: every page says so until somebody does something."""
        return self._standing.lost

    @cached_property
    def alive(self) -> list[WorkerHeartbeat]:
        """Every process that gave a sign of life a moment ago."""
        return workers.alive()

    @cached_property
    def workers(self) -> list[WorkerHeartbeat]:
        """Those that do the work and are alive."""
        return [row for row in self.alive if row.role not in NO_WORKERS]

    @property
    def has_tick(self) -> bool:
        """Whether somebody hands out work."""
        return any(row.role == TICK for row in self.alive)

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
