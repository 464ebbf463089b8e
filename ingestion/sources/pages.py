"""Pages of what files hold."""

from collections.abc import Sequence

from ingestion.records import MessageRecord, Page, Unparsed


def page_of(records: Sequence[MessageRecord], unparsed: Sequence[Unparsed] = ()) -> Page:
    """A page that answers for what it brought, and proves nothing."""
    ids = [record.message_id for record in records]
    ids += [bad.message_id for bad in unparsed if bad.message_id]
    return Page(
        records, unparsed, low=min(ids, default=0), high=max(ids, default=-1), proves_absence=False
    )
