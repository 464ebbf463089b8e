"""Copies of made-up channels, made by the database itself from what is there."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from django.db import connection, models
from psycopg import sql as compose

from ingestion.models import Channel, ChannelTotals, Coverage, SyncRun

#: The rows of these channels once more, as those of others, some columns with other values.
_COPY: Final = """
INSERT INTO {table} (channel_id, {columns})
SELECT pair.copy, {values}
FROM unnest(%(originals)s::bigint[], %(copies)s::bigint[]) AS pair (original, copy)
JOIN {table} stored ON stored.channel_id = pair.original
"""
#: Between the channels' numbers of two copies.
STRIDE: Final = 1_000


def copy_channel(original: Channel, number: int) -> Channel:
    """Another one like it, with its sums, its coverage and the run that read it; `number` makes it
    another. Revisions are not copied with the messages, and not counted.
    """
    copy = Channel.objects.get(pk=original.pk)
    copy.pk = None
    copy.peer_id -= number * STRIDE
    copy.username = f"{original.username}_{number}"
    copy.title = f"{original.title} · {number}"
    copy.save(force_insert=True)
    for model in (ChannelTotals, Coverage, SyncRun):
        for row in model._default_manager.filter(channel=original.pk):  # noqa: SLF001, Django's name
            row.pk = None
            row.channel = copy
            row.save(force_insert=True)
    ChannelTotals.objects.filter(channel=copy).update(revisions=0)
    return copy


def copy_rows(
    model: type[models.Model],
    pairs: Mapping[int, int],
    instead: Mapping[str, LiteralString],
    **parameters: Any,
) -> None:
    """Rows of channels (original → copy). `instead` says columns by SQL, where the row that is
    copied is called `stored` and `parameters` are placeholders.
    """
    columns = [
        field.column
        for field in model._meta.concrete_fields  # noqa: SLF001, Django's name
        if not field.generated and field.column not in {None, "channel_id"}
    ]
    statement = compose.SQL(_COPY).format(
        table=compose.Identifier(model._meta.db_table),  # noqa: SLF001, Django's name
        columns=compose.SQL(", ").join(map(compose.Identifier, columns)),
        values=compose.SQL(", ").join(
            compose.SQL(instead[name]) if name in instead else compose.Identifier("stored", name)
            for name in columns
        ),
    )
    values = {"originals": list(pairs), "copies": list(pairs.values()), **parameters}
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection), values)
