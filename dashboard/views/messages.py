"""Reading: the list with its filters, and what it is shown as."""

import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive import saved
from archive.filters import KINDS, Filters
from dashboard import finding, states
from dashboard.asked import asked
from dashboard.cards import cards
from dashboard.chips import Chip, chips, chips_of_words
from dashboard.guard import Request, signed_in
from dashboard.media import kind_word
from dashboard.pointed import pointed
from dashboard.shell import Shell, page
from ingestion.languages import LANGUAGES
from ingestion.models import Channel
from ingestion.services import listening
from workspaces.access import within
from workspaces.models import Workspace

LIMIT = 50
#: Channels that the form offers.
MOST_CHANNELS: Final = 200
#: Saved searches below the box; their page has all.
MOST_SAVED: Final = 12
#: Filters that are tried one by one where all together find nothing.
_MOST_TRIED: Final = 6

VIEWS: Final = ("table", "cards")
#: How a person likes the list; a year.
VIEW_COOKIE: Final = "reading"
_KEPT: Final = 365 * 24 * 3600


@signed_in
@require_safe
def message_list(request: Request) -> HttpResponseBase:
    """Filters as `Filters.parse` has them, in `?q=` also as `archive.query` reads them; `?cursor=`
    the place in the list, `?view=` its look.
    """
    given = asked(request, dict(request.GET.lists()), section="messages")
    shell, filters = given.shell, given.filters
    if any(not value for values in dict(request.GET.lists()).values() for value in values):
        return redirect(_plain_address(request.GET))  # a form sends empty fields, too
    if given.moved and not given.mistakes:
        return redirect(_with_filters(filters, request.GET))
    place = request.GET.get("cursor") or finding.place_of(request.GET.get("at", ""))
    channels = _offered(shell, filters)
    began = time.perf_counter()
    asked_order = request.GET.get("order", "")
    order = asked_order if asked_order in finding.ORDERS else finding.ORDERS[0]
    found = finding.find(shell.workspace, filters, place, LIMIT, order=order, known=channels)
    results = found.results
    took = 1000 * (time.perf_counter() - began)
    titles = {channel.pk: channel.title for channel in channels}
    shown = chips(filters, titles)
    look = _look(request)
    channel = channels[0] if len(filters.channels) == 1 else None
    narrowed = bool(filters.words or filters.looks_at_rows or filters.since or filters.until)
    newest_of_one = channel and not filters.words and not place and len(shown) == 1
    answer = page(
        request,
        shell,
        "messages.html",
        filters=filters,
        given=given,
        trouble=found.trouble,
        narrowed=narrowed,
        pointed=pointed(
            shell.workspace,
            given.text,
            [one for one in channels if not filters.channels or one.pk in filters.channels],
        )
        if given.text and not place
        else [],
        where=finding.where(
            shell.workspace, filters, channels, all_of_them=len(channels) < MOST_CHANNELS
        )
        if narrowed and results.messages and not place
        else None,
        saved=saved.visible_to(request.user, shell.workspace)[:MOST_SAVED],
        complaints=given.complaints,
        chips=shown,
        channels=channels,
        channel=channel,
        followed=_followed(channel) if channel and newest_of_one else None,
        seen=max((one.message_id for one in results.messages), default=0),
        languages=sorted(LANGUAGES.items(), key=lambda one: one[1]),
        kinds=[(name, kind_word(name)) for name in KINDS],
        cards=cards(shell.workspace, results, filters.words, filters),
        results=results,
        place=place,
        took=took,
        look=look,
        drop=_worth_dropping(shell.workspace, filters, shown)
        if not results.messages and not found.trouble
        else [],
    )
    if request.GET.get("view") in VIEWS:
        answer.set_cookie(VIEW_COOKIE, look, max_age=_KEPT, samesite="Lax", httponly=True)
    return answer


def _followed(channel: Channel) -> states.Badge | None:
    """How the channel is followed: its newest messages are announced on the page."""
    return states.of_live(listening.of([channel])[channel.pk])


def _plain_address(query: QueryDict) -> str:
    left = query.copy()
    for name in query:
        left.setlist(name, [value for value in query.getlist(name) if value])
    return f"{reverse('messages')}?{left.urlencode()}"


def _with_filters(filters: Filters, query: QueryDict) -> str:
    """What was written in the box as parameters, so that each filter has its chip."""
    pairs = filters.pairs()
    pairs += [("view", str(query["view"]))] if "view" in query else []
    return f"{reverse('messages')}?{urlencode(pairs)}"


def _look(request: Request) -> str:
    wanted = request.GET.get("view") or request.COOKIES.get(VIEW_COOKIE)
    return wanted if wanted in VIEWS else VIEWS[0]


def _offered(shell: Shell, filters: Filters) -> Sequence[Channel]:
    """The channels of the form, the chosen ones first."""
    rows = within(shell.workspace, Channel.objects.order_by("title", "pk"))
    found = list(rows[:MOST_CHANNELS])
    missing = set(filters.channels) - {channel.pk for channel in found}
    if missing:
        found += rows.filter(pk__in=missing)
    return sorted(found, key=lambda channel: channel.pk not in filters.channels)


def _worth_dropping(workspace: Workspace, filters: Filters, shown: Sequence[Chip]) -> list[Chip]:
    """The filters without one of which something would be found, as far as a page has time for."""
    tried = [*shown[:_MOST_TRIED], *chips_of_words(filters)]
    if len(tried) == 1:
        return []  # without it, it is the whole list
    worth, until = [], time.monotonic() + finding.MILLISECONDS / 1000
    for chip in tried:
        without = filters.without(chip.name, chip.value)
        if time.monotonic() < until and finding.find(workspace, without, None, 1).results.messages:
            worth.append(chip)
    return worth
