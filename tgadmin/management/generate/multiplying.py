"""A made-up archive many times over, by the database itself: what was made in minutes becomes ten
times as much in minutes, too.

Each copy has channels of its own and lies some days before the last one. Raw records and revisions
are not copied: no list, chart or search reads them, and they are half of the bytes.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models import F
from psycopg import sql as compose

from archive.models import ChannelDay
from ingestion.models import (
    Channel,
    ChannelTotals,
    Coverage,
    Medium,
    Message,
    MessageStats,
    SyncRun,
)
from tgadmin.management.generate import indexes
from tgadmin.management.generate.plan import FIRST_PEER
from workspaces.models import Workspace

#: Days between two copies.
APART: Final = 3
#: Between the channels' numbers of two copies.
_STRIDE: Final = 1_000
_DAY: Final = timedelta(days=1)

#: The rows of these channels once more, as those of others.
_COPY: Final = """
INSERT INTO {table} (channel_id, {moved}, {kept})
SELECT pair.copy, {earlier}, {rows}
FROM unnest(%(originals)s::bigint[], %(copies)s::bigint[]) AS pair (original, copy)
JOIN {table} stored ON stored.channel_id = pair.original
"""
#: The same of a table without a time.
_COPY_TIMELESS: Final = """
INSERT INTO {table} (channel_id, {kept})
SELECT pair.copy, {rows}
FROM unnest(%(originals)s::bigint[], %(copies)s::bigint[]) AS pair (original, copy)
JOIN {table} stored ON stored.channel_id = pair.original
"""
_EARLIER: Final = "stored.{column} - %(days)s * interval '1 day'"
#: Search vectors are copied like the rest; triggers would make each of them once more.
_TRIGGERS: Final = "ALTER TABLE ingestion_message {what} TRIGGER USER"
_EARLIER_DAY: Final = "stored.{column} - %(days)s"


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
    originals = [one for one in there if one.peer_id > FIRST_PEER - _STRIDE]
    copied = {(FIRST_PEER - one.peer_id) // _STRIDE for one in there}
    indexes.drop()
    try:
        for number in sorted(set(range(1, times)) - copied):
            tell(f"Copy {number} of {times - 1} …")
            with transaction.atomic():
                _triggers("DISABLE")
                _copy(originals, number)
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
    pairs = {one.pk: _channel(one, number).pk for one in originals}
    days = number * APART
    for model, moved in (
        (Message, "date"),
        (MessageStats, ""),
        (Medium, "date"),
        (ChannelDay, "day"),
    ):
        _rows(model, moved, pairs, days)


def _channel(original: Channel, number: int) -> Channel:
    """Another one like it, with its sums, its coverage and the run that read it."""
    copy = Channel.objects.get(pk=original.pk)
    copy.pk = None
    copy.peer_id -= number * _STRIDE
    copy.username = f"{original.username}_{number}"
    copy.title = f"{original.title} · {number}"
    copy.save(force_insert=True)
    for model in (ChannelTotals, Coverage, SyncRun):
        for row in model._default_manager.filter(channel=original.pk):  # noqa: SLF001, Django's name
            row.pk = None
            row.channel = copy
            row.save(force_insert=True)
    ChannelTotals.objects.filter(channel=copy).update(
        first_date=F("first_date") - number * APART * _DAY,
        last_date=F("last_date") - number * APART * _DAY,
    )
    return copy


def _rows(model: type[models.Model], moved: str, pairs: dict[int, int], days: int) -> None:
    columns = [
        field.column
        for field in model._meta.concrete_fields  # noqa: SLF001, Django's name
        if not field.generated and field.column not in {None, "channel_id", moved}
    ]
    statement = compose.SQL(_COPY if moved else _COPY_TIMELESS).format(
        table=compose.Identifier(model._meta.db_table),  # noqa: SLF001, Django's name
        moved=compose.Identifier(moved or "none"),
        earlier=compose.SQL(_EARLIER_DAY if moved == "day" else _EARLIER).format(
            column=compose.Identifier(moved or "none")
        ),
        kept=compose.SQL(", ").join(map(compose.Identifier, columns)),
        rows=compose.SQL(", ").join(compose.Identifier("stored", name) for name in columns),
    )
    values: dict[str, Any] = {
        "originals": list(pairs),
        "copies": list(pairs.values()),
        "days": days,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection), values)
