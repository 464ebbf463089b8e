"""A made-up archive many times over, by the database itself: what was made in minutes becomes ten
times as much in minutes, too.

Each copy has channels of its own and lies some days before the last one; the last copy is one
channel of as many messages. Of the others, raw records are not copied: no list, chart or search
reads them, and they are half of the bytes. Revisions are copied of none.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, LiteralString

from django.db import connection, models, transaction
from django.db.models import F
from psycopg import sql as compose

from archive.models import ChannelDay
from ingestion.models import Channel, ChannelTotals, Medium, Message, MessageStats
from tgadmin.management.generate import indexes
from tgadmin.management.generate.copying import STRIDE, copy_channel, copy_rows
from tgadmin.management.generate.lengthening import lengthen
from tgadmin.management.generate.plan import FIRST_PEER
from workspaces.models import Workspace

#: Days between two copies.
APART: Final = 3
_DAY: Final = timedelta(days=1)
_EARLIER: Final[dict[str, LiteralString]] = {"date": "stored.date - %(days)s * interval '1 day'"}
_DAYS: Final[tuple[tuple[type[models.Model], dict[str, LiteralString]], ...]] = (
    (Message, _EARLIER),
    (MessageStats, {}),
    (Medium, _EARLIER),
    (ChannelDay, {"day": "stored.day - %(days)s"}),
)
#: Search vectors are copied like the rest; triggers would make each of them once more.
_TRIGGERS: Final = "ALTER TABLE ingestion_message {what} TRIGGER USER"


def multiply(
    workspace: Workspace,
    *,
    times: int,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Make `times` as much of what the workspace holds, which `generate` made. Copies that are
    there, of a run that was stopped, are left alone.
    """
    there = list(Channel.objects.filter(workspace=workspace).order_by("pk"))
    originals = [one for one in there if one.peer_id > FIRST_PEER - STRIDE]
    copied = {(FIRST_PEER - one.peer_id) // STRIDE for one in there}
    indexes.drop()
    try:
        for number in sorted(set(range(1, times)) - copied):
            tell(f"Copy {number} of {times - 1} …")
            with transaction.atomic():
                _triggers("DISABLE")
                if number < times - 1:
                    _copy(originals, number)
                else:
                    _as_one(originals, number)
                _triggers("ENABLE")
    finally:
        indexes.build(tell)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _triggers(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            compose.SQL(_TRIGGERS).format(what=compose.SQL(what)).as_string(cursor.connection)
        )


def _copy(originals: list[Channel], number: int) -> None:
    days = number * APART
    pairs = {}
    for one in originals:
        pairs[one.pk] = copy_channel(one, number).pk
    for model, instead in _DAYS:
        copy_rows(model, pairs, instead, days=days)
    ChannelTotals.objects.filter(channel__in=pairs.values()).update(
        first_date=F("first_date") - days * _DAY, last_date=F("last_date") - days * _DAY
    )


def _as_one(originals: list[Channel], number: int) -> None:
    """All of it as one channel, the largest over and over."""
    largest = max(originals, key=lambda one: one.totals.messages)
    messages = sum(one.totals.messages for one in originals)
    lengthen(largest, number=number, messages=messages)
