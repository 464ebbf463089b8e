"""Charts as data and as tables, sparklines, the calendar of a year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.template import loader
from django.template.base import Template
from django.template.context import Context
from django.utils import timezone, translation

from archive.stats import Heatmap, HeatmapDay, Stacked, Step
from dashboard import calendar, charts

DAY = date(2026, 11, 2)


def chart(**changes: Any) -> charts.Chart:
    days = tuple(DAY + timedelta(days=n) for n in range(3))
    found = Stacked(Step.DAY, days, ((7, (1, 0, 3)), (None, (2, 2, 1200))))
    asked = {"name": "Messages", "until": days[-1], "messages": "/messages/?", "zoom": "/?"}
    return charts.stacked(found, {7: "Хроника </script>"}, **{**asked, **changes})


def test_series_are_named_and_others_are_last() -> None:
    lines = chart().lines
    assert [(line.name, line.tint, line.total) for line in lines] == [
        ("Хроника </script>", 1, 4),
        ("Others", charts.OTHERS, 1204),
    ]
    assert lines[0].address == "/channels/7/"
    assert lines[1].address == ""


def test_points_are_named_in_the_persons_language() -> None:
    point = chart().points[0]
    assert (point.label, point.title, point.since, point.until) == (
        "2 Nov",
        "Mon 2 Nov 2026",
        "2026-11-02",
        "2026-11-02",
    )
    with translation.override("ru"):
        assert "ноя" in chart().points[0].label.lower()


def test_a_week_reaches_to_the_day_before_the_next_and_the_last_to_the_end_of_the_range() -> None:
    starts = (date(2026, 10, 26), date(2026, 11, 2))
    first, last = charts.points(starts, Step.WEEK, date(2026, 11, 4))
    assert (first.since, first.until) == ("2026-10-26", "2026-11-01")
    assert (last.since, last.until) == ("2026-11-02", "2026-11-04")


def test_hours_are_told_as_the_persons_clock_shows_them() -> None:
    starts = (datetime(2026, 11, 1, 22, tzinfo=UTC), datetime(2026, 11, 1, 23, tzinfo=UTC))
    with timezone.override("Europe/Berlin"):
        first, midnight = charts.points(starts, Step.HOUR, DAY)
    assert (first.label, first.since) == ("23:00", "2026-11-01")
    assert (midnight.label, midnight.since) == ("2 Nov", "2026-11-02")


def test_the_table_says_the_same_newest_first_and_leads_to_the_messages() -> None:
    page = loader.render_to_string("dashboard/parts/chart.html", {"chart": chart(), "id": "days"})
    assert page.index(">Wed 4 Nov 2026") < page.index(">Mon 2 Nov 2026")
    assert 'href="/messages/?from=2026-11-04&amp;to=2026-11-04"' in page
    assert '<td class="num">1,200</td>' in page


def test_a_title_cannot_end_the_data() -> None:
    page = loader.render_to_string("dashboard/parts/chart.html", {"chart": chart(), "id": "days"})
    assert page.count("</script>") == 1
    assert '<script id="days" type="application/json">' in page


def test_one_day_cannot_be_zoomed() -> None:
    assert chart().data["zoom"] == "/?"
    one = Stacked(Step.DAY, (DAY,), ((7, (1,)),))
    made = charts.stacked(one, {7: "News"}, name="Messages", until=DAY, zoom="/?")
    assert made.data["zoom"] == ""


def test_a_sparkline_stays_inside_of_its_box() -> None:
    drawn = charts.spark([0, 5, 10])
    assert drawn == charts.Spark(
        "M0.0 29.0L50.0 16.0L100.0 3.0", "M0.0 29.0L50.0 16.0L100.0 3.0L100 30L0 30z"
    )
    assert charts.spark([1]) is None
    tag = Template("{% load charts %}{% sparkline values 'flat' %}")
    page = tag.render(Context({"values": [1, 2]}))
    assert page.startswith('<svg class="spark flat" viewBox="0 0 100 30"')


def test_the_calendar_leads_to_the_messages_of_a_day() -> None:
    monday = date(2025, 11, 17)
    whole_weeks = (
        tuple(
            HeatmapDay(
                monday + timedelta(days=7 * week + day), 3 if day == 2 else 0, 4 * (day == 2)
            )
            for day in range(7)
        )
        for week in range(52)
    )
    weeks = (*whole_weeks, (HeatmapDay(date(2026, 11, 16), 1, 1), *[None] * 6))
    drawn = calendar.draw(Heatmap(weeks, 3, 157), channel=9)
    counts = drawn.counts.split(",")
    assert drawn.first == monday
    assert len(counts) == 52 * 7 + 1
    assert counts[:4] == ["", "", "3", ""]
    assert counts[-1] == "1"
    assert drawn.address == "/messages/?channel=9&"
    # A square a day, a shape a level.
    squares = {level: path.count("z") for level, path in drawn.levels}
    assert squares == {0: 52 * 6, 1: 1, 4: 52}
    assert dict(drawn.levels)[1] == "m678.5 2.5h6v6h-6z"
    assert dict(drawn.levels)[4].startswith("m2.5 28.5h6v6h-6zm13 0h6v6h-6z")
    assert sum(month.messages for month in drawn.months) == 157
    assert drawn.months[-1].address == "/messages/?channel=9&from=2026-11-01&to=2026-11-16"
    page = loader.render_to_string("dashboard/parts/heatmap.html", {"calendar": drawn})
    assert page.count("<path") == 3
    assert 'data-first="2025-11-17"' in page
    assert "157 messages in 53 weeks" in page
