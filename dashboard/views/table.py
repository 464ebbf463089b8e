"""A channel's messages as a table for those who count."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from archive import ranking, stats
from archive.ranking import Order, Place
from archive.search import Results
from dashboard import ranges, sheet
from dashboard.cards import cards
from dashboard.guard import Request, signed_in
from dashboard.names import names_of
from dashboard.shell import page, shell_of
from dashboard.views.channel import get
from ingestion.models import Channel
from workspaces import services as people


@signed_in
@require_safe
def table(request: Request, pk: int) -> HttpResponseBase:
    """`?sort=-views`, `?columns=date,text,views`, `?range=` as everywhere, `?place=` in the order;
    `?format=tsv` for the rows of the page as text.
    """
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    first = stats.first_day(channels=[pk]) if request.GET.get("range") == "all" else None
    shown = ranges.parse(request.GET, first=first)
    by, descending = _order(request.GET)
    columns = sheet.chosen(_columns(request))
    found = ranking.ranked(
        channel=channel,
        since=shown.start,
        until=shown.end,
        by=by,
        descending=descending,
        place=Place.parse(request.GET.get("place")),
    )
    listed = cards(
        shell.workspace,
        Results(found.messages, stats=found.stats),
        pictures=False,
        together=False,
    )
    if any(column.name == "sender" for column in columns):
        names = names_of(shell.workspace, (card.message.sender_id for card in listed))
        listed = [replace(card, names={**card.names, **names}) for card in listed]
    rows = sheet.rows(listed, columns)
    if request.GET.get("format") == "tsv":
        return _tsv(channel, sheet.as_tsv(rows, columns))
    context: dict[str, Any] = {
        "channel": channel,
        "columns": columns,
        "all_columns": [(column, column in columns) for column in sheet.COLUMNS],
        "rows": rows,
        "totals": sheet.totals(rows, columns),
        "sums": stats.totals(channels=[pk], since=shown.since, until=shown.until).now,
        "found": found,
        "by": by,
        "descending": descending,
        "range": shown,
        "choices": ranges.CHOICES,
        "keep": [(name, request.GET[name]) for name in ("sort", "columns") if name in request.GET],
    }
    return page(request, shell, "table.html", tab="table", **context)


@signed_in
@require_POST
def choose_columns(request: Request, pk: int) -> HttpResponseBase:
    """Remember the columns as the person's own, and show the table with them."""
    get(request, pk)
    names = [column.name for column in sheet.chosen(request.POST.getlist("column"))]
    people.remember_columns(user=request.user, columns=names)
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop("place", None)
    query["columns"] = ",".join(names)
    return redirect(f"{reverse('table', args=(pk,))}?{query.urlencode(safe=',')}")


@signed_in
@require_POST
def choose_density(request: Request, pk: int) -> HttpResponseBase:
    """Remember how close together the rows are, and show the same table so."""
    get(request, pk)
    people.remember_density(user=request.user, compact=request.POST.get("density") == "compact")
    query = QueryDict(request.POST.get("query", ""))
    address = reverse("table", args=(pk,))
    return redirect(f"{address}?{query.urlencode(safe=',')}" if query else address)


def _order(query: QueryDict) -> tuple[Order, bool]:
    text = query.get("sort", "-date")
    name = text.removeprefix("-")
    order = next((one for one in ranking.ORDERS if one == name), None)
    return (order, text.startswith("-")) if order else ("date", True)


def _columns(request: Request) -> list[str]:
    """Those of the address, else the person's own."""
    return (
        request.GET["columns"].split(",")
        if "columns" in request.GET
        else (request.user.table_columns)
    )


def _tsv(channel: Channel, text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/tab-separated-values; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="messages-{channel.pk}.tsv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
