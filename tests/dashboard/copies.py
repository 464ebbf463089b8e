"""Many messages in no time, for pages that are to have many."""

from typing import Final

from django.db import connection
from django.db.models import Model

from ingestion.models import Channel, Message, MessageRaw, MessageStats

#: Messages of a channel that are made one by one; older ones are copies of the last of them.
MADE: Final = 40
_COPIED: Final = 4


def copy_messages(channel: Channel, count: int) -> None:
    """Up to so many; `MADE` of them are there."""
    if count > MADE:
        for table in (Message, MessageStats, MessageRaw):
            _copy(table, channel, count)


def _copy(table: type[Model], channel: Channel, count: int) -> None:
    """Rows up to so many, by the database: what is made of objects takes a second a channel."""
    others = {
        "message_id": "%(top)s - place",
        "date": "date - %(step)s * interval '1 minute' * ((place - %(made)s) / %(copied)s + 1)",
        "raw": "jsonb_set(raw, '{id}', to_jsonb(%(top)s - place))",
    }
    names = [str(field.column) for field in table._meta.concrete_fields if not field.generated]
    read = [others.get(name, f'"{name}"') for name in names]
    written = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table._meta.db_table} ({written})
            SELECT {", ".join(read)} FROM {table._meta.db_table} AS made
            JOIN generate_series(%(made)s, %(last)s) AS place
              ON made.message_id = %(top)s - %(made)s + %(copied)s - place %% %(copied)s
            WHERE channel_id = %(channel)s""",
            {
                "top": channel.top_id,
                "channel": channel.pk,
                "made": MADE,
                "copied": _COPIED,
                "last": count - 1,
                "step": 97 * _COPIED,
            },
        )
