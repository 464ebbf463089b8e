"""Making an archive: one channel, one transaction, so that whole channels are there or none."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from django.db import connection, transaction

from archive.stats import rollup
from ingestion import sql as writer_sql
from ingestion.media import recording
from ingestion.media import sql as media_sql
from ingestion.media.wanting import Wish
from ingestion.models import Channel, ChannelTotals, Coverage, ForumTopic, Sender, SyncRun
from ingestion.records import SOURCE_RANKS, MessageRecord
from ingestion.writer import Batch, Outcome
from ingestion.writer.rows import (
    MESSAGE_TYPES,
    RAW_TYPES,
    STATS_TYPES,
    Hashed,
    raw_row,
    stats_row,
)
from ingestion.writer.vectors import Row, with_vectors
from tgadmin.lib import garbage
from tgadmin.lib.copying import binary_cursor, copy_rows
from tgadmin.management.generate import indexes, sql
from tgadmin.management.generate.history import TOPICS, History, Made
from tgadmin.management.generate.lexicon import lexicon
from tgadmin.management.generate.place import Place
from tgadmin.management.generate.plan import Plan, Shape

#: Rows of one COPY.
BATCH: Final = 5_000
#: From so many on, indexes are built afterwards (docs/performance.md).
MANY: Final = 200_000
SOURCE: Final = "mtproto"
_RANK: Final = SOURCE_RANKS[SOURCE]
_TYPES: Final = (*MESSAGE_TYPES, "timestamptz", "text")
_REVISION_TYPES: Final = (
    "int8", "int8", "timestamptz", "timestamptz", "text", "jsonb", "text", "jsonb", "jsonb", "jsonb",
    "bytea",
)  # fmt: skip


T = TypeVar("T")


@dataclass(slots=True)
class Making:
    """How far it is."""

    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.done / max(time.monotonic() - self.began, 0.001)

    @property
    def left(self) -> float:
        """Seconds, at this rate."""
        return (self.total - self.done) / max(self.rate, 0.001)


def generate(
    *,
    plan: Plan,
    place: Place,
    tell: Callable[[str], None] = lambda _: None,
    step: Callable[[Making], None] = lambda _: None,
) -> Making:
    """Fill `place` with what the plan says. Channels that are there already are left alone."""
    making = Making(plan.messages)
    there = set(Channel.objects.filter(workspace=place.workspace).values_list("peer_id", flat=True))
    if plan.messages >= MANY and place.is_alone:
        indexes.drop()
    try:
        _people(plan, place)
        for shape in plan.shapes:
            if shape.peer_id in there:
                making.done += shape.messages
                continue
            with transaction.atomic(), garbage.left_alone():
                _channel(plan, shape, place, making, step)
    finally:
        indexes.build(tell)
    tell("Gathering statistics …")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return making


def _parts(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """As many at a time as one COPY takes."""
    rest = iter(items)
    while part := tuple(islice(rest, BATCH)):
        yield part


def _people(plan: Plan, place: Place) -> None:
    seen = datetime.combine(plan.until, clock(), UTC)
    for part in _parts(plan.people.items()):
        Sender.objects.bulk_create(
            (
                Sender(
                    workspace=place.workspace,
                    peer_id=number,
                    kind="user",
                    name=name,
                    usernames=[f"person{number}"],
                    first_seen_at=seen,
                )
                for number, name in part
            ),
            ignore_conflicts=True,
        )


def _channel(
    plan: Plan, shape: Shape, place: Place, making: Making, step: Callable[[Making], None]
) -> None:
    seen = datetime.combine(plan.until, clock(), UTC)
    channel = Channel.objects.create(
        workspace=place.workspace,
        peer_id=shape.peer_id,
        kind=shape.kind,
        title=shape.title,
        username=f"made_up_{shape.number + 1}",
        about="Made up by manage.py generate.",
        members=shape.messages * 3 + 7,
        top_id=shape.top,
        tags=[place.TAG, shape.language],
        enabled=False,
        last_synced_at=seen,
        described_at=seen,
    )
    tally = _Tally()
    for part in _parts(History(plan, shape)):
        _write(channel.pk, part, seen)
        tally.add(part)
        making.done += len(part)
        step(making)
    _sums(channel, shape, tally)
    _around(plan, shape, channel, seen)


@dataclass(slots=True)
class _Tally:
    """What is known of a channel only when all of it was made."""

    deleted: Counter[date] = field(default_factory=Counter)
    revisions: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, made: Iterable[Made]) -> None:
        for one in made:
            self.first = self.first or one.record.date
            self.last = one.record.date
            self.revisions += one.before is not None
            if one.deleted_at:
                self.deleted[one.record.date.date()] += 1


def _write(channel: int, made: tuple[Made, ...], seen: datetime) -> None:
    """A batch, as the writer would: messages, counters, raw records, files, revisions, days."""
    cursor = binary_cursor()
    hashed = [Hashed.of(one.record) for one in made]
    records = [one.record for one in made]
    with with_vectors(records) as rows:
        copy_rows(
            cursor,
            writer_sql.COPY_RAW,
            RAW_TYPES,
            ((channel, *raw_row(row, SOURCE)) for row in hashed),
        )
        copy_rows(
            cursor,
            writer_sql.COPY_STATS,
            STATS_TYPES,
            ((channel, *stats_row(row, _RANK)) for row in hashed),
        )
        copy_rows(cursor, sql.COPY_MESSAGES, _TYPES, _message_rows(channel, made, rows, seen))
    copy_rows(
        cursor, media_sql.COPY_MEDIA, recording.TYPES, recording.rows(channel, records, Wish())
    )
    copy_rows(cursor, sql.COPY_REVISIONS, _REVISION_TYPES, _revision_rows(channel, made))
    batch = Batch(channel, SOURCE, records={record.message_id: record for record in records})
    rollup.on_batch(channel_id=channel, batch=batch, outcome=Outcome(new=list(batch.records)))


def _message_rows(
    channel: int, made: tuple[Made, ...], rows: Iterable[Row], seen: datetime
) -> Iterator[tuple[Any, ...]]:
    for one, (row, vector) in zip(made, rows, strict=True):
        how = "refresh" if one.deleted_at else ""
        yield (channel, *row, seen, vector, one.deleted_at, how)


def _revision_rows(channel: int, made: tuple[Made, ...]) -> Iterator[tuple[Any, ...]]:
    for one in made:
        if one.before:
            yield _revision_row(channel, one.record, one.before)


def _revision_row(channel: int, record: MessageRecord, before: MessageRecord) -> tuple[Any, ...]:
    carried = (before.media_meta, before.reply_to, before.forward)
    return (
        channel,
        record.message_id,
        record.edit_date,
        None,
        before.text,
        orjson.dumps(before.entities),
        before.kind,
        *(None if value is None else orjson.dumps(value) for value in carried),
        before.content_hash(),
    )


def _sums(channel: Channel, shape: Shape, tally: _Tally) -> None:
    ChannelTotals.objects.create(
        channel=channel,
        messages=shape.messages,
        deleted=tally.deleted.total(),
        revisions=tally.revisions,
        first_date=tally.first,
        last_date=tally.last,
    )
    Coverage.objects.create(channel=channel, source=SOURCE, ranges=shape.covered)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.DELETED_BY_DAY,
            {
                "channel": channel.pk,
                "days": list(tally.deleted),
                "deleted": list(tally.deleted.values()),
            },
        )


def _around(plan: Plan, shape: Shape, channel: Channel, seen: datetime) -> None:
    """The run that would have brought it all, and a forum's topics."""
    SyncRun.objects.create(
        channel=channel,
        kind=SyncRun.Kind.BACKFILL,
        state=SyncRun.State.DONE,
        press=UUID(int=plan.dice(f"run {shape.number}").getrandbits(128)),
        planned=shape.covered,
        done=shape.covered,
        new=shape.messages,
        absent=len(shape.absent),
        requests=shape.top // 100 + 1,
        started_at=seen,
        ended_at=seen,
    )
    if shape.kind == "forum":
        words = lexicon(shape.language).language.common
        ForumTopic.objects.bulk_create(
            ForumTopic(channel=channel, topic_id=topic, title=words[topic * 3], created_at=seen)
            for topic in TOPICS
        )
