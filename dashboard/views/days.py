"""A channel's calendar: how much was posted on which day, from the daily sums."""

from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from archive import stats
from dashboard import months
from dashboard.guard import Request, signed_in
from dashboard.keyset import cursor
from dashboard.shell import page, shell_of
from dashboard.views.channel import get
from ingestion import coverage


@signed_in
@require_safe
def calendar(request: Request, pk: int) -> HttpResponseBase:
    """`?year=` one of those in which something was posted; else the last."""
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    zone = ZoneInfo(timezone.get_current_timezone_name())
    years = stats.years(channel=channel.pk)
    today = timezone.localdate()
    wanted = cursor(request, "year")
    known = [year for year, _ in years]
    year = wanted if wanted in known else known[-1] if known else today.year
    days = stats.year_of_days(channel=channel.pk, year=year, zone=zone)
    return page(
        request,
        shell,
        "calendar.html",
        channel=channel,
        years=years[::-1],
        year=year,
        months=[month for month in months.of_year(days) if month.first <= today],
        messages_of_year=sum(cell.messages for cell in days),
        busiest=max(days, key=lambda cell: cell.messages),
        today=today,
        kept_since=timezone.localdate(gone) if (gone := coverage.kept_since(channel)) else None,
        tab="timeline",
    )
