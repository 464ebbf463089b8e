"""Writing down what messages carry, within the transaction of their batch."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection

from ingestion.media import sql
from ingestion.media.wanting import Wish, of_record, wish_of
from ingestion.models import Channel, Medium
from ingestion.records import MessageRecord
from tgadmin.lib.copying import binary_cursor, copy_rows

if TYPE_CHECKING:
    from ingestion.writer import Batch, Outcome

TYPES = (
    "int8", "int8", "int2", "text", "int8", "timestamptz", "int8", "text", "text", "int4", "int4",
    "float8", "int2", "text", "jsonb",
)  # fmt: skip
_WANT = TYPES.index("int2", 3)


def on_batch(*, channel_id: int, batch: "Batch", outcome: "Outcome", **_: Any) -> None:
    """Receive `batch_writing`: in the batch's transaction, after its rows."""
    records = batch.records
    carriers = [n for n in outcome.new if records[n].media_meta]
    changed = [n for n in outcome.changed if n in records]
    if not (carriers or changed):
        return
    wish = wish_of(Channel.objects.only("workspace_id").get(pk=channel_id))
    if not wish.lists:
        return
    if changed:
        carriers += _replaced(channel_id, [records[n] for n in changed])
    wanted = _write(channel_id, (records[n] for n in carriers), wish)
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(sql.WAKE_LINE, {"channel": channel_id})


def on_messages_deleted(*, channel_id: int, **_: Any) -> None:
    """Receive `messages_deleted`: nothing names its files any more."""
    Medium.objects.filter(channel_id=channel_id).delete()


def _replaced(channel_id: int, records: list[MessageRecord]) -> list[int]:
    """Make room for what edited messages carry now; their ids, where that is something else."""
    rows = Medium.objects.filter(
        channel_id=channel_id, message_id__in=[r.message_id for r in records], slot=0
    )
    known = dict(rows.values_list("message_id", "remote_id"))
    differing: list[int] = []
    for record in records:
        found = of_record(record)
        if (found.remote_id if found else None) != known.get(record.message_id):
            differing.append(record.message_id)
    if differing:
        key: dict[str, Any] = {"channel": channel_id, "ids": differing}
        with connection.cursor() as cursor:
            cursor.execute(sql.KEEP_REPLACED, key)
            cursor.execute(sql.DROP_REPLACED, key)
    return differing


def _write(channel_id: int, records: Iterable[MessageRecord], wish: Wish) -> bool:
    """Whether any of them is wanted."""
    made = list(rows(channel_id, records, wish))
    if made:
        copy_rows(binary_cursor(), sql.COPY_MEDIA, TYPES, made)
    return any(row[_WANT] for row in made)


def rows(
    channel_id: int, records: Iterable[MessageRecord], wish: Wish
) -> Iterator[tuple[Any, ...]]:
    """Of the records that carry a file, what `sql.COPY_MEDIA` takes."""
    for record in records:
        found = of_record(record)
        if found is None:
            continue
        want = wish.want(kind=found.kind, mime=found.mime, size=found.size, posted=record.date)
        yield (
            channel_id,
            record.message_id,
            0,
            found.kind,
            found.remote_id,
            record.date,
            found.size,
            found.mime,
            found.name,
            found.width,
            found.height,
            found.duration,
            int(want),
            "pending" if want else "skipped",
            b"[]",
        )
