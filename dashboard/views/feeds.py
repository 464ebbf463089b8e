"""Feeds: making one, its address, taking it back, and reading it without a login."""

import hashlib
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import feeds, privacy, saved
from archive.filters import Filters
from archive.models import Feed, SavedSearch
from dashboard.asked import asked
from dashboard.chips import chips
from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from ingestion.errors import IngestionError
from ingestion.models import Channel
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

#: The session's key for the secret of a feed that was just made, until it was shown.
_MADE: Final = "feed"
_TYPES: Final = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
}


@dataclass(frozen=True)
class _Wanted:
    """What a feed is asked of: a saved search with its filters, or those of the address."""

    shell: Shell
    filters: Filters
    search: SavedSearch | None
    complaints: list[str]

    @property
    def address(self) -> str:
        if self.search:
            return f"{reverse('feeds')}?search={self.search.pk}"
        return f"{reverse('feeds')}?{self.filters.query_string()}"


def _wanted(request: Request, values: QueryDict) -> _Wanted:
    """Not found for whoever may not see the search, or one of the channels."""
    key = values.get("search", "")
    if key:
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
        row = saved.get(request.user, number)
        shell = shell_of(request, section="exports", workspace_id=row.workspace_id)
        return _Wanted(shell, Filters.parse(row.filters).filters, row, [])
    given = asked(request, dict(values.lists()), section="exports")
    told = [sentence for _piece, sentence in given.told]
    return _Wanted(given.shell, given.filters, None, [*given.complaints, *told])


@signed_in
@require_safe
def feed_list(request: Request) -> HttpResponseBase:
    """The feeds, and the form for one of a saved search, or of what the address filters by."""
    wanted = _wanted(request, request.GET)
    shell, filters = wanted.shell, wanted.filters
    channels = within(shell.workspace, Channel.objects.filter(removed_at=None))
    secret = request.session.pop(_MADE, "")
    redactions = privacy.profiles(shell.workspace)
    rows = within(shell.workspace, Feed.objects.select_related("search")).order_by("-pk")[:200]
    known = {"", *(one.key for one in redactions)}
    return page(
        request,
        shell,
        "feeds.html",
        tab="feeds",
        feeds=[
            (row, row.redaction.get("profile", "") not in known, _may_see(request, row.search))
            for row in rows
        ],
        channels=channels.order_by("title", "pk")[:500],
        filters=filters,
        search=wanted.search,
        pairs=filters.pairs(),
        chips=chips(filters, dict(channels.values_list("pk", "title")) if filters.channels else {}),
        complaints=wanted.complaints,
        redactions=redactions,
        addresses=_addresses(request, secret) if secret else (),
    )


def _may_see(request: Request, search: SavedSearch | None) -> bool:
    """A private one is nobody else's, its name included."""
    return search is not None and (search.shared or search.owner_id == request.user.pk)


def _addresses(request: Request, secret: str) -> list[tuple[str, str]]:
    found = [("Atom", "atom"), ("RSS", "rss")]
    return [
        (name, request.build_absolute_uri(reverse(f"feed-{kind}", args=[secret])))
        for name, kind in found
    ]


@signed_in
@require_POST
def make(request: Request) -> HttpResponseBase:
    wanted = _wanted(request, request.POST)
    access_workspace(request.user, wanted.shell.workspace.pk, Permission.EXPORT)
    if wanted.complaints:
        messages.error(request, " ".join(wanted.complaints))
        return redirect(wanted.address)
    try:
        _feed, secret = feeds.make(
            workspace=wanted.shell.workspace,
            name=request.POST.get("name", ""),
            filters=wanted.search or wanted.filters,
            without_senders="without_senders" in request.POST,
            redaction=request.POST.get("redaction", ""),
            user=request.user,
        )
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        request.session[_MADE] = secret
    return redirect("feeds")


def _get(request: Request, pk: int) -> Feed:
    return access(request.user, Feed.objects.select_related("workspace"), Permission.EXPORT, pk=pk)


@signed_in
@require_POST
def renew(request: Request, pk: int) -> HttpResponseBase:
    """Another address, for when the old one got into wrong hands."""
    request.session[_MADE] = feeds.renew(feed=_get(request, pk), user=request.user)
    return redirect("feeds")


@signed_in
@require_POST
def revoke(request: Request, pk: int) -> HttpResponseBase:
    feeds.revoke(feed=_get(request, pk), user=request.user)
    messages.success(request, _("The feed was deleted; its address answers nothing any more."))
    return redirect("feeds")


@require_safe
def feed(request: HttpRequest, secret: str, kind: str) -> HttpResponseBase:
    """For feed readers: no cookie, no login."""
    found = feeds.find(secret)
    if found is None:
        raise Http404
    feeds.note_reading(found)
    of = Filters.parse(found.followed).filters
    try:
        text = feeds.write(
            found,
            kind=kind,
            address=request.build_absolute_uri(),
            home=request.build_absolute_uri(f"{reverse('messages')}?{of.query_string()}"),
        )
    except IngestionError as trouble:
        # Its redaction cannot be done, its filter is not understood, or it takes too long: nothing
        # goes out in the clear (https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4).
        return HttpResponse(
            str(trouble),
            status=503,
            content_type="text/plain; charset=utf-8",
            headers={"Retry-After": "3600"},
        )
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()}"'
    # No date: what is deleted, redacted or forgotten changes the feed and no message's time.
    answer = get_conditional_response(request, etag=etag) or HttpResponse(
        text, content_type=_TYPES[kind]
    )
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, max-age=60"
    answer["X-Robots-Tag"] = "noindex"
    return answer
