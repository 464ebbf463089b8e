"""Who writes: the list of senders, and one of them with what it was called before."""

from typing import Final

from django.db.models import Q
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from archive import search
from archive.filters import Filters
from dashboard.cards import cards
from dashboard.guard import Request, signed_in
from dashboard.keyset import by_key, cursor
from dashboard.shell import page, shell_of
from ingestion.models import Channel, Sender, SenderChange
from ingestion.services import people
from workspaces.access import access, within

#: Messages on a sender's page; the list of messages has all.
NEWEST: Final = 10
#: Of what it was called before.
CHANGES: Final = 50
_LONGEST: Final = 128


@signed_in
@require_safe
def sender_list(request: Request) -> HttpResponseBase:
    """Newest first; `?q=` a part of a name, a username or an id, `?kind=` one of the kinds."""
    shell = shell_of(request, section="messages")
    words = request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST]
    kind = request.GET.get("kind", "")
    rows = within(shell.workspace, Sender.objects.all())
    if words:
        wanted = Q(name__icontains=words) | Q(usernames__contains=[words.lstrip("@")])
        if words.lstrip("-").isdigit() and len(words) < 19:
            wanted |= Q(peer_id=int(words))
        rows = rows.filter(wanted)
    if kind in Sender.Kind.values:
        rows = rows.filter(kind=kind)
    found = by_key(rows, before=cursor(request, "before"), after=cursor(request, "after"))
    return page(
        request,
        shell,
        "senders.html",
        found=found,
        words=words,
        kind=kind,
        hidden=people.policy_of(shell.workspace).hidden,
    )


@signed_in
@require_safe
def sender_page(request: Request, pk: int) -> HttpResponseBase:
    sender = access(request.user, Sender.objects.select_related("workspace"), pk=pk)
    shell = shell_of(request, section="messages", workspace_id=sender.workspace_id)
    filters = Filters(sender=str(sender.peer_id))
    results = search.find(workspace=shell.workspace, filters=filters, limit=NEWEST)
    changes = within(shell.workspace, SenderChange.objects.filter(peer_id=sender.peer_id))
    channel = within(shell.workspace, Channel.objects.filter(peer_id=sender.peer_id)).first()
    return page(
        request,
        shell,
        "sender.html",
        sender=sender,
        channel=channel,
        cards=cards(shell.workspace, results),
        changes=changes.order_by("-at", "field")[:CHANGES],
    )
