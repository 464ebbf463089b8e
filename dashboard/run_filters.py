"""What the list of runs is narrowed to: it stands in the address, each part can be taken away."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import keyset
from dashboard.guard import Request
from dashboard.shell import Shell
from ingestion.models import Account, Channel, SyncRun
from workspaces.access import access, within
from workspaces.models import Membership

#: `?by=`: not a person, but the channel's schedule.
BY_SCHEDULE: Final = "schedule"

STATES: Final[dict[str, tuple[Promise, tuple[str, ...]]]] = {
    "active": (gettext_lazy("Active"), tuple(SyncRun.ACTIVE)),
    "failed": (gettext_lazy("Failed"), (SyncRun.State.FAILED,)),
    "done": (gettext_lazy("Done"), (SyncRun.State.DONE,)),
    "cancelled": (gettext_lazy("Cancelled"), (SyncRun.State.CANCELLED,)),
}
KINDS: Final[dict[str, Promise]] = {
    "update": gettext_lazy("Update"),
    "refresh": gettext_lazy("Refresh"),
    "backfill": gettext_lazy("Backfill"),
}


@dataclass(frozen=True)
class Chip:
    """A filter that is on; `address` is the list without it."""

    name: str
    value: str
    address: str


@dataclass(frozen=True)
class RunFilters:
    """Everything that narrows the list; empty strings and None narrow nothing."""

    state: str
    kind: str
    by: str
    channel: Channel | None
    account: Account | None
    person: Membership | None
    query: QueryDict

    def narrow(self, rows: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
        if self.state in STATES:
            rows = rows.filter(state__in=STATES[self.state][1])
        elif self.state:
            rows = rows.filter(state=self.state)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.channel:
            rows = rows.filter(channel=self.channel)
        if self.account:
            rows = rows.filter(account=self.account)
        if self.by == BY_SCHEDULE:
            rows = rows.filter(requested_by=None)
        elif self.person:
            rows = rows.filter(requested_by=self.person.user)
        return rows

    @property
    def chips(self) -> list[Chip]:
        """Those that the segments above the list do not show."""
        found = []
        if self.channel:
            found.append(self._chip("channel", _("channel"), self.channel.title))
        if self.kind:
            found.append(self._chip("kind", _("kind"), str(KINDS[self.kind])))
        if self.account:
            found.append(self._chip("account", _("account"), str(self.account)))
        if self.by == BY_SCHEDULE:
            found.append(self._chip("by", _("started by"), _("a schedule or a command")))
        elif self.person:
            found.append(self._chip("by", _("started by"), str(self.person.user)))
        if self.state and self.state not in STATES:
            found.append(self._chip("state", _("state"), str(SyncRun.State(self.state).label)))
        return found

    def _chip(self, parameter: str, name: str, value: str) -> Chip:
        left = self.query.copy()
        for gone in (parameter, "before", "after"):
            left.pop(gone, None)
        return Chip(name, value, f"?{left.urlencode()}")

    @property
    def any(self) -> bool:
        return bool(self.state or self.chips)


def read(request: Request, shell: Shell) -> RunFilters:
    """From the address. A channel or account of somebody else is not found; what is no filter
    is as none.
    """
    state = request.GET.get("state", "")
    kind = request.GET.get("kind", "")
    by = request.GET.get("by", "")
    channel = account = person = None
    if (number := keyset.cursor(request, "channel")) is not None:
        channel = access(request.user, within(shell.workspace, Channel.objects.all()), pk=number)
    if (number := keyset.cursor(request, "account")) is not None:
        account = access(request.user, within(shell.workspace, Account.objects.all()), pk=number)
    if (number := keyset.cursor(request, "by")) is not None:
        members = shell.workspace.memberships.select_related("user")
        person = members.filter(user=number).first()
    return RunFilters(
        state=state if state in STATES or state in SyncRun.State.values else "",
        kind=kind if kind in KINDS else "",
        by=by if by == BY_SCHEDULE or person else "",
        channel=channel,
        account=account,
        person=person,
        query=request.GET,
    )


def choices(shell: Shell) -> dict[str, Any]:
    """What the selects offer."""
    channels = within(shell.workspace, Channel.objects.filter(removed_at=None))
    accounts = within(shell.workspace, Account.objects.order_by("pk"))
    return {
        "channels": channels.only("pk", "title").order_by("title", "pk")[:500],
        "accounts": list(accounts),
        "people": shell.workspace.memberships.select_related("user").order_by("pk")[:200],
        "kinds": KINDS.items(),
        "states": [(value, words) for value, (words, _states) in STATES.items()],
    }
