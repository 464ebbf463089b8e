"""How a message's counters grew: a curve of its views, and the readings as a table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from dashboard import wording
from ingestion.models import CounterSnapshot, Message, MessageStats
from workspaces.access import within
from workspaces.models import Workspace

#: Of the drawing, in its own units.
WIDTH: Final = 320
HEIGHT: Final = 84
_EDGE: Final = 4
#: Emoji of a reading that are named; of more the table would grow too wide.
_MOST_EMOJI: Final = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """The counters at one moment; `at` is None for those of now."""

    at: datetime | None
    #: How old the message was, in seconds.
    age: float | None
    views: int | None
    forwards: int | None
    replies: int | None
    reactions: list[tuple[str, int]]
    #: Reactions that are not named one by one.
    more: int


@dataclass(frozen=True, slots=True)
class Curve:
    """`path` and `area` are SVG paths, empty where fewer than two readings have views."""

    readings: list[Reading]
    path: str
    area: str
    #: `(x, y)` of each reading's dot.
    dots: list[tuple[str, str]]
    label: str
    width: int = WIDTH
    height: int = HEIGHT


def of_message(
    workspace: Workspace, message: Message, stats: MessageStats | None, now: datetime
) -> Curve | None:
    """One query; None where the counters never changed since the message came."""
    rows = within(
        workspace,
        CounterSnapshot.objects.filter(
            channel_id=message.channel_id, message_id=message.message_id
        ),
    )
    found = list(rows.order_by("step"))
    if not found or stats is None:
        return None
    readings = [_reading(row, message, row.at) for row in found]
    last = _reading(stats, message, None)
    if _numbers(last) != _numbers(readings[-1]):
        readings.append(last)
    points = [
        (one.age if one.age is not None else (now - message.date).total_seconds(), one.views)
        for one in readings
        if one.views is not None
    ]
    return _draw(readings, [(age, views) for age, views in points if views is not None])


def _numbers(one: Reading) -> tuple[object, ...]:
    return (one.views, one.forwards, one.replies, one.reactions, one.more)


def _reading(row: CounterSnapshot | MessageStats, message: Message, at: datetime | None) -> Reading:
    counts = sorted((row.reactions or {}).items(), key=lambda item: -item[1])
    return Reading(
        at=at,
        age=max((at - message.date).total_seconds(), 0) if at else None,
        views=row.views,
        forwards=row.forwards,
        replies=row.replies,
        reactions=[(_shown(name), count) for name, count in counts[:_MOST_EMOJI]],
        more=sum(count for _name, count in counts[_MOST_EMOJI:]),
    )


def _shown(name: str) -> str:
    """As `cards.reactions` has it: "custom" stands for an emoji that only Telegram has."""
    if name.startswith("custom:"):
        return "custom"
    return "⭐" if name == "paid" else name


def _draw(readings: list[Reading], points: Sequence[tuple[float, int]]) -> Curve:
    """Ages grow, so the axis of time is logarithmic: an hour is as wide as the days after it."""
    if len(points) < 2:
        return Curve(readings, "", "", [], "")
    # From a minute on: a message is hardly ever read sooner.
    places = [math.log(max(age, 60) / 60 + 1) for age, _views in points]
    low, wide = places[0], (places[-1] - places[0]) or 1
    top = max(views for _age, views in points) or 1
    dots = [
        (
            f"{_EDGE + (place - low) / wide * (WIDTH - 2 * _EDGE):.1f}",
            f"{HEIGHT - _EDGE - views / top * (HEIGHT - 2 * _EDGE):.1f}",
        )
        for place, (_age, views) in zip(places, points, strict=True)
    ]
    path = "M" + "L".join(f"{x} {y}" for x, y in dots)
    floor = HEIGHT - _EDGE
    area = f"{path}L{dots[-1][0]} {floor}L{dots[0][0]} {floor}Z"
    label = _("Views grew from %(first)s to %(last)s.") % {
        "first": wording.number(points[0][1]),
        "last": wording.number(points[-1][1]),
    }
    return Curve(readings, path, area, dots, label)
