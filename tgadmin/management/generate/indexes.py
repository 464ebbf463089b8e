"""Building indexes after a load instead of with every row.

What there has to be is what the models say, so a load that was killed leaves nothing that the next
one does not make good.
"""

from collections.abc import Callable

from django.db import connection, models

from ingestion.models import Message
from tgadmin.management.generate import sql

_TABLE = Message._meta  # noqa: SLF001, Django's public name for it (Model _meta API)


def missing() -> list[models.Index]:
    """The indexes of messages that the models have and the database lacks."""
    with connection.cursor() as cursor:
        cursor.execute(sql.INDEXES, {"table": _TABLE.db_table})
        there = {row[0] for row in cursor.fetchall()}
    return [index for index in _TABLE.indexes if index.name not in there]


def drop() -> None:
    """Drop those of messages, its key aside. For tables that nobody reads yet."""
    lacking = {index.name for index in missing()}
    with connection.schema_editor(atomic=True) as editor:
        for index in _TABLE.indexes:
            if index.name not in lacking:
                editor.remove_index(Message, index)


def build(tell: Callable[[str], None] = lambda _: None) -> None:
    """Build what is missing."""
    for index in missing():
        tell(f"Building the index {index.name} …")
        with connection.schema_editor(atomic=True) as editor:
            # Sorting in memory is worth more here than anywhere (https://www.postgresql.org/docs/
            # current/populate.html).
            editor.execute("SET LOCAL maintenance_work_mem = '1GB'")
            editor.add_index(Message, index)
