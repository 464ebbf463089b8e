"""What was posted in one channel, and when: a chart, a calendar, the posts that did best."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archive import stats
from dashboard import calendar, charts, media, overview
from dashboard.calendar import Calendar
from dashboard.charts import Chart
from dashboard.ranges import Range
from ingestion.models import Channel, Message
from tgadmin.lib import cache

TOP = 5

#: Measure, what the control says, icon.
MEASURES: tuple[tuple[stats.Measure, str | Promise, str], ...] = (
    ("views", gettext_lazy("Views"), "eye"),
    ("forwards", gettext_lazy("Forwards"), "forward"),
    ("reactions", gettext_lazy("Reactions"), "smile"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """`medium` is `(icon, words)` of what it carries, `value` what it is ranked by."""

    message: Message
    value: int
    medium: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Top:
    """`is_whole`: every message of the range was looked at."""

    measure: str
    icon: str
    name: str
    posts: list[Post]
    is_whole: bool
    measures: tuple[tuple[stats.Measure, str | Promise, str], ...] = MEASURES


def first_day(channel: Channel, query: QueryDict) -> date | None:
    """Where “all” begins; asked for only where it is wanted."""
    return stats.first_day(channels=[channel.pk]) if query.get("range") == "all" else None


def chart(channel: Channel, shown: Range, query: QueryDict) -> Chart:
    """Messages by hour, day, week or month of the range."""
    found = overview.bars(channel.workspace_id, [channel.pk], shown)
    kept = [("top", query["top"])] if query.get("top") else []
    return charts.stacked(
        found,
        {channel.pk: channel.title},
        name=_("Messages over time"),
        until=shown.until,
        messages=f"{reverse('messages')}?channel={channel.pk}&",
        zoom=f"?{urlencode([*kept, ('range', 'custom')])}&",
    )


def year(channel: Channel, shown: Range, kept_since: datetime | None = None) -> Calendar:
    """The last 53 weeks, whatever the range; what was posted before `kept_since` was let go."""
    found = cache.remember(
        channel.workspace_id,
        "calendar",
        stats.heatmap,
        channel=channel.pk,
        until=timezone.localdate(),
        zone=shown.zone,
    )
    since = timezone.localdate(kept_since) if kept_since else None
    return calendar.draw(found, channel=channel.pk, kept_since=since)


def top(channel: Channel, shown: Range, wanted: str) -> Top:
    """The posts of the range that had the most views, forwards or reactions."""
    measure, name, icon = next((m for m in MEASURES if m[0] == wanted), MEASURES[0])
    ranks = cache.remember(
        channel.workspace_id,
        "top",
        stats.ranks,
        channels=[channel.pk],
        since=shown.since,
        until=shown.until,
        zone=shown.zone,
        by=measure,
        limit=TOP,
    )
    found = stats.top_posts(ranks)
    posts = [
        Post(post.message, post.value, media.describe(post.message.kind, post.message.media_meta))
        for post in found.posts
        if post.value
    ]
    return Top(measure, icon, str(name), posts, found.is_whole)
