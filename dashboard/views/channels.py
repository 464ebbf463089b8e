"""The list of channels."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard.channels import undo
from dashboard.channels.filters import KIND_WORDS, SORT_WORDS, SORTS, STATE_WORDS, Filters
from dashboard.channels.order import leaf
from dashboard.channels.rows import Listing, tags_of
from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from ingestion.models import Account, Channel
from workspaces.access import within
from workspaces.roles import Permission

LIMIT = 50

#: Columns whose heads order the list.
HEADS = ("title", "messages", "activity", "completeness", "synced")


@signed_in
@require_safe
def channel_list(request: Request) -> HttpResponseBase:
    """Filters and order are in the address; `?after=` and `?before=` are places in that order."""
    shell = shell_of(request, section="channels")
    filters = Filters.of(request.GET)
    if filters.account:
        reader = within(shell.workspace, Account.objects.filter(pk=filters.account)).first()
        filters = replace(filters, account_name=str(reader or ""))
    listing = Listing(shell)
    found = leaf(
        listing.fitting(filters),
        filters,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        limit=LIMIT,
    )
    counts = listing.counts(filters)
    rows = listing.rows(found.channels)
    return page(
        request,
        shell,
        "channels.html",
        rows=rows,
        tagged=any(row.channel.tags for row in rows),
        found=found,
        filters=filters,
        counts=counts,
        fitting=counts.get(filters.state, 0) if filters.state else sum(counts.values()),
        removed=filters.removed,
        ticks=shell.can[Permission.CHANNELS if filters.removed else Permission.SYNC],
        gone=within(shell.workspace, Channel.objects.filter(removed_at__isnull=False)).count(),
        undo=undo.take(request, shell),
        **_choices(shell, filters, counts),
    )


def _choices(shell: Shell, filters: Filters, counts: dict[str, int]) -> dict[str, Any]:
    """The ways that lead from this list to others."""
    shown = {**counts, **({filters.state: counts.get(filters.state, 0)} if filters.state else {})}
    states = [
        (STATE_WORDS[name], shown[name], filters.address(state=name), name == filters.state)
        for name in STATE_WORDS
        if name in shown
    ]
    tags = tags_of(shell)
    return {
        "states": states,
        "everything": (sum(counts.values()), filters.address(state="", removed=False)),
        "tags": tags,
        "tag_links": [(tag, filters.with_tag(tag)) for tag in tags if tag not in filters.tags],
        "kinds": KIND_WORDS.items(),
        "sorts": [
            (f"{sign}{name}", SORT_WORDS[name], sign == "-") for name in SORTS for sign in ("", "-")
        ],
        "heads": {name: _head(filters, name) for name in HEADS},
    }


def _head(filters: Filters, name: str) -> dict[str, str]:
    sorted_ = ""
    if filters.sort == name:
        sorted_ = "descending" if filters.descending else "ascending"
    return {
        "address": filters.sorted_by(name),
        "sorted": sorted_,
        "icon": "arrow-down" if sorted_ == "descending" else "arrow-up",
    }
