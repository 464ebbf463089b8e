"""Time ranges: from the address, in the person's time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from archive.stats import Step
from dashboard import ranges


def parsed(address: str, **more: date) -> ranges.Range:
    return ranges.parse(QueryDict(address), **more)


def test_thirty_days_unless_said_otherwise() -> None:
    for address in ("", "range=", "range=nonsense", "range=custom", "range=custom&from=x&to=y"):
        found = parsed(address)
        assert (found.name, found.days, found.until) == ("30d", 30, timezone.localdate())


@pytest.mark.parametrize(
    ("name", "days", "step"),
    [("7d", 7, Step.HOUR), ("30d", 30, Step.DAY), ("90d", 90, Step.DAY), ("1y", 365, Step.WEEK)],
)
def test_names(name: str, days: int, step: Step) -> None:
    found = parsed(f"range={name}")
    assert (found.days, found.step, found.query) == (days, step, f"range={name}")


def test_the_last_24_hours_end_with_this_hour() -> None:
    found = parsed("range=24h")
    assert found.step is Step.HOUR
    assert found.end - found.start == timedelta(hours=24)
    assert found.end - timedelta(hours=1) <= datetime.now(tz=UTC) < found.end


def test_all_begins_with_the_first_message() -> None:
    first = timezone.localdate() - timedelta(days=3000)
    found = parsed("range=all", first=first)
    assert (found.since, found.step) == (first, Step.MONTH)
    assert parsed("range=all").days == 1


def test_custom_days_in_any_order_and_never_of_tomorrow() -> None:
    found = parsed("range=custom&from=2026-03-31&to=2026-03-01")
    assert (found.since, found.until) == (date(2026, 3, 1), date(2026, 3, 31))
    assert found.query == "range=custom&from=2026-03-01&to=2026-03-31"
    assert parsed("range=custom&from=2026-03-01&to=9999-12-31").until == timezone.localdate()
    assert parsed("range=custom&from=0001-01-01&to=2026-01-01").since == date(2013, 1, 1)
    assert parsed("range=custom&from=0001-01-01&to=0001-01-02").days == 1


def test_days_are_those_of_the_person() -> None:
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        found = parsed("range=custom&from=2026-03-02&to=2026-03-02")
    assert found.start == datetime(2026, 3, 1, 15, tzinfo=UTC)
    assert found.end == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_the_period_before_is_as_long() -> None:
    before = parsed("range=custom&from=2026-03-11&to=2026-03-20").before
    assert (before.since, before.until) == (date(2026, 3, 1), date(2026, 3, 10))
    assert before.end == datetime(2026, 3, 11, tzinfo=UTC)
