"""Two to six channels side by side, on one chart."""

from typing import Any, Final

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from archive import stats
from dashboard import comparison, ranges
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from ingestion.models import Channel
from workspaces.access import NotFound, visible, within

#: The picker offers this many; more are found by the list of channels.
MOST_OFFERED = 500

METRICS: Final = (
    ("messages", gettext_lazy("Messages")),
    ("views", gettext_lazy("Views")),
    ("forwards", gettext_lazy("Forwards")),
    ("reactions", gettext_lazy("Reactions")),
    ("replies", gettext_lazy("Replies")),
    ("members", gettext_lazy("Members")),
)


@signed_in
@require_safe
def compare(request: Request) -> HttpResponseBase:
    """`?channel=` twice to six times, `?metric=` one of `METRICS`, `?per=post`, a range."""
    keys = _keys(request)
    asked = visible(request.user, Channel.objects.filter(pk__in=keys)).in_bulk()
    if len(asked) != len(keys):
        raise NotFound
    home = asked[keys[0]].workspace_id if keys else None
    shell = shell_of(request, section="channels", workspace_id=home)
    channels = [
        channel
        for channel in (asked[key] for key in keys)
        if channel.workspace_id == home and channel.removed_at is None
    ]
    wants_all = request.GET.get("range") == "all"
    first = stats.first_day(channels=[c.pk for c in channels]) if wants_all else None
    range_ = ranges.parse(request.GET, first=first)
    metric = request.GET.get("metric", "messages")
    metric = metric if metric in dict(METRICS) else "messages"
    per_post = request.GET.get("per") == "post" and metric not in {"messages", "members"}
    found = comparison.compare(
        channels=channels,
        range_=range_,
        metric=metric,
        per_post=per_post,
        name=str(dict(METRICS)[metric]),
    )
    offered = within(shell.workspace, Channel.objects.filter(removed_at=None))
    return page(
        request,
        shell,
        "compare.html",
        channels=channels,
        missing=max(comparison.FEWEST - len(channels), 0),
        found=found,
        range=range_,
        choices=ranges.CHOICES,
        metrics=METRICS,
        metric=metric,
        per_post=per_post,
        offered=offered.order_by("title", "pk").only("pk", "title")[:MOST_OFFERED],
        chosen={channel.pk for channel in channels},
        most=comparison.MOST,
        keep=_keep(channels, metric, per_post=per_post),
    )


def _keys(request: Request) -> list[int]:
    texts = request.GET.getlist("channel")
    keys = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]
    return list(dict.fromkeys(keys))[: comparison.MOST]


def _keep(channels: list[Channel], metric: str, *, per_post: bool) -> list[tuple[str, Any]]:
    """What of the address stays when another range is chosen."""
    kept: list[tuple[str, Any]] = [("channel", channel.pk) for channel in channels]
    kept.append(("metric", metric))
    return [*kept, ("per", "post")] if per_post else kept
