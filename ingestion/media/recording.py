"""Writing down what messages carry, within the transaction of their batch."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import connection

from ingestion.media import sql
from ingestion.media.wanting import UNNAMED, Described, Wish, of_file, of_record, wish_of
from ingestion.models import Channel, Medium
from ingestion.records import FULL_SOURCES, MessageRecord
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
    if batch.source in FULL_SOURCES:  # what others tell of a message's file may be old
        changed += [n for n in outcome.merged if n in records]
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
    known = {number: told for number, *told in rows.values_list("message_id", "remote_id", "size")}
    differing: list[int] = []
    adopted: dict[int, Described] = {}
    for record in records:
        found = of_file(record.kind, record.media_meta)
        remote_id, size = known.get(record.message_id) or (None, None)
        if not _is_same(found, remote_id, size):
            differing.append(record.message_id)
        elif found and remote_id == UNNAMED != found.remote_id:
            adopted[record.message_id] = found
    _adopt(channel_id, adopted)
    if differing:
        key: dict[str, Any] = {"channel": channel_id, "ids": differing}
        with connection.cursor() as cursor:
            cursor.execute(sql.KEEP_REPLACED, key)
            cursor.execute(sql.DROP_REPLACED, key)
    return differing


def _is_same(found: Described | None, remote_id: int | None, size: int | None) -> bool:
    """Whether what a record says of its file is the one that is written down. Without Telegram's
    id of both, their sizes tell.
    """
    if remote_id is None or found is None:
        return remote_id is None and (found is None or found.remote_id == UNNAMED)
    if UNNAMED in (found.remote_id, remote_id):
        return None in (found.size, size) or found.size == size
    return found.remote_id == remote_id


def _adopt(channel_id: int, told: dict[int, Described]) -> None:
    """Say of files that came by an export what Telegram calls them."""
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            sql.ADOPT,
            {
                "channel": channel_id,
                "ids": list(told),
                "remotes": [one.remote_id for one in told.values()],
                "kinds": [one.kind for one in told.values()],
                "mimes": [one.mime for one in told.values()],
                "names": [one.name for one in told.values()],
            },
        )


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
