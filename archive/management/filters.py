"""The options by which commands choose messages, and write them."""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError
from django.utils import timezone

from archive import asking
from archive.filters import KINDS, Filters
from archive.query import ARE, HAS, Mistake
from workspaces.models import Workspace

#: Option → name in an address.
_NAMES = {
    "search": "q",
    "since": "from",
    "until": "to",
    "kind": "kind",
    "has": "has",
    "state": "is",
    "sender": "sender",
    "time_zone": "zone",
}


def add_filters(parser: ArgumentParser) -> None:
    """What the list of messages can be filtered by."""
    parser.add_argument(
        "--search",
        metavar="QUERY",
        default="",
        help='as in the search box: words, "a phrase", OR, -without, begin*, has:photo, on:2026-05',
    )
    parser.add_argument("--from", dest="since", metavar="DAY", help="such as 2026-05-01, included")
    parser.add_argument("--to", dest="until", metavar="DAY", help="included")
    parser.add_argument("--kind", action="append", choices=KINDS, help="can be given again")
    parser.add_argument("--has", action="append", choices=HAS)
    parser.add_argument(
        "--is", dest="state", action="append", choices=ARE, help="present: still on Telegram"
    )
    parser.add_argument("--sender", metavar="ID|NAME")
    parser.add_argument(
        "--time-zone", metavar="NAME", default="UTC", help="of days and times, such as Asia/Tokyo"
    )


def filters_from(options: dict[str, Any], workspace: Workspace) -> Filters:
    """Raises `CommandError` with every complaint."""
    values: dict[str, list[str]] = {}
    for option, name in _NAMES.items():
        value = options.get(option)
        if value:
            values[name] = value if isinstance(value, list) else [value]
    filters, complaints = Filters.parse(values)
    if complaints:
        raise CommandError("\n".join(complaints))
    text = asking.clean(options.get("search") or "")
    with timezone.override(ZoneInfo(filters.zone)):  # days in the text are of that zone, too
        asked = asking.understand(text, workspace=workspace, filters=filters)
    if asked.mistakes:
        raise CommandError("\n".join(_pointed(text, mistake) for mistake in asked.mistakes))
    return asked.filters


def _pointed(text: str, mistake: Mistake) -> str:
    """The text, what is wrong in it underlined, and what to do."""
    line = " " * mistake.start + "^" * (mistake.end - mistake.start)
    return f"{' '.join(text.splitlines())}\n{line}\n{mistake.told}"
