"""Pages of what files hold."""

from collections.abc import Sequence
from dataclasses import replace

from ingestion.records import MessageRecord, Page, Unparsed
from ingestion.sources import bounds
from ingestion.sources.unmappable import untrue


def page_of(records: Sequence[MessageRecord], unparsed: Sequence[Unparsed] = ()) -> Page:
    """A page that answers for what it brought, and proves nothing. What cannot be true of a message
    is put with what could not be read.
    """
    unread = [
        one if bounds.is_id(one.message_id) else replace(one, message_id=None) for one in unparsed
    ]
    kept: list[MessageRecord] = []
    for record in records:
        field = bounds.odd(record)
        if field:
            unread.append(_unread(record, field))
        else:
            kept.append(record)
    ids = [record.message_id for record in kept]
    ids += [bad.message_id for bad in unread if bad.message_id]
    return Page(
        kept, unread, low=min(ids, default=0), high=max(ids, default=-1), proves_absence=False
    )


def _unread(record: MessageRecord, field: str) -> Unparsed:
    known = record.message_id if bounds.is_id(record.message_id) else None
    return Unparsed(known, untrue(field).told, bounds.dumped(record.raw))
