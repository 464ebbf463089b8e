"""The right to write what was heard, and how far that was: settled in the batch's transaction."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ingestion.errors import LeaseLost
from ingestion.writer import Batch, Outcome
from tgadmin.lib.fields import to_multirange
from tgadmin.lib.ranges import IdRanges

if TYPE_CHECKING:
    import psycopg

#: Events count only while this listener holds the account and nobody else read on from here: no
#: row, and the whole batch is rolled back. The batch has the channel's coverage row locked, so
#: nobody writes between this look at the lease and the commit.
ADVANCE: Final = """
UPDATE ingestion_channellive SET
    pts = %(pts)s, top = %(top)s, missing = missing + %(missing)s,
    refresh = refresh OR %(refresh)s, events = events + %(events)s,
    last_event_at = CASE WHEN %(events)s > 0 THEN now() ELSE last_event_at END
WHERE channel_id = %(channel)s AND pts IS NOT DISTINCT FROM %(before)s
  AND EXISTS (
      SELECT FROM ingestion_accountlease lease
      WHERE lease.account_id = %(account)s AND lease.token = %(token)s
        AND lease.expires_at > clock_timestamp()
  )
"""


@dataclass(frozen=True, slots=True)
class LiveClaim:
    """A listener's right to write a channel's events from `before` on, up to `pts`."""

    account_id: int
    token: UUID
    before: int | None
    pts: int | None
    #: The newest message as of `pts`.
    top: int | None
    #: Ids that went by unseen, and whether edits and deletions did.
    missing: IdRanges = field(default_factory=IdRanges)
    refresh: bool = False
    events: int = 0

    def settle(self, cursor: "psycopg.Cursor[Any]", batch: Batch, outcome: Outcome) -> None:  # noqa: ARG002, what every claim is given
        """Note how far the events were read. Raises `LeaseLost` when they were not ours."""
        advanced = cursor.execute(
            ADVANCE,
            {
                "channel": batch.channel_id,
                "account": self.account_id,
                "token": self.token,
                "before": self.before,
                "pts": self.pts,
                "top": self.top,
                "missing": to_multirange(self.missing),
                "refresh": self.refresh,
                "events": self.events,
            },
        )
        if advanced.rowcount != 1:
            raise LeaseLost
