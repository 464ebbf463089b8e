"""One channel as large as a whole archive: the largest one's history over and over, one after the
other, in the time that the history took once.
"""

from datetime import timedelta
from typing import Final, LiteralString

from django.db.models import F

from archive.stats import rollup
from ingestion.models import (
    Channel,
    ChannelTotals,
    Coverage,
    Medium,
    Message,
    MessageRaw,
    MessageStats,
    SyncRun,
)
from tgadmin.lib.ranges import IdRanges
from tgadmin.management.generate.copying import copy_channel, copy_rows

#: Ids go on where the part before ended. What raw records say of ids and dates stays as it was.
_ID: Final[LiteralString] = "stored.message_id + %(part)s * %(top)s"
_DATE: Final[LiteralString] = """date_trunc('second', %(last)s::timestamptz - (
    (%(parts)s - 1 - %(part)s) * %(span)s + (%(last)s - stored.date)) / %(parts)s)"""
_REPLY: Final[LiteralString] = """CASE WHEN stored.reply_to ? 'message_id' THEN stored.reply_to
    || jsonb_build_object('message_id',
                          (stored.reply_to->>'message_id')::bigint + %(part)s * %(top)s)
    ELSE stored.reply_to END"""
_INSTEAD: Final[dict[str, LiteralString]] = {
    "message_id": _ID,
    "date": _DATE,
    "reply_to": _REPLY,
    "grouped_id": "stored.grouped_id + %(part)s",
}
#: Between the last message of a part and the first of the next.
_BREATH: Final = timedelta(seconds=1)


def lengthen(original: Channel, *, number: int, messages: int) -> Channel:
    """A copy, `number` making it another, that is so many times as long as to have `messages`,
    raw records included.
    """
    totals = original.totals
    if totals.first_date is None or totals.last_date is None:
        raise ValueError(f"{original.title} has no messages")
    parts = -(-messages // totals.messages)
    copy = copy_channel(original, number)
    where = {
        "top": original.top_id,
        "last": totals.last_date,
        "span": totals.last_date - totals.first_date + _BREATH,
        "parts": parts,
    }
    for part in range(parts):
        for model in (Message, MessageStats, MessageRaw, Medium):
            copy_rows(model, {original.pk: copy.pk}, _INSTEAD, part=part, **where)
    Channel.objects.filter(pk=copy.pk).update(top_id=F("top_id") * parts)
    ChannelTotals.objects.filter(channel=copy).update(
        messages=F("messages") * parts,
        deleted=F("deleted") * parts,
        first_date=Message.objects.filter(channel=copy).earliest("message_id").date,
    )
    for coverage in Coverage.objects.filter(channel=copy):
        coverage.ranges = _over_and_over(coverage.ranges, original.top_id, parts)
        coverage.save(update_fields=["ranges"])
    for run in SyncRun.objects.filter(channel=copy):
        run.planned = run.done = _over_and_over(run.done, original.top_id, parts)
        run.new, run.absent, run.requests = (
            count * parts for count in (run.new, run.absent, run.requests)
        )
        run.save()
    rollup.rebuild(copy.pk)
    return copy


def _over_and_over(ranges: IdRanges, top: int, parts: int) -> IdRanges:
    return IdRanges.of(
        (low + part * top, high + part * top) for part in range(parts) for low, high in ranges.pairs
    )
