"""What the last looks for personal data found in some channels: what to know before they are shared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from archive.models import PiiAudit
from archive.redaction import Kind
from ingestion.models import Channel, ChannelTotals
from workspaces.access import within
from workspaces.models import Workspace

#: Looks that are asked for, newest first: channels that were looked at one by one, long ago, are as
#: those that never were.
_NEWEST: Final = 50


@dataclass(slots=True)
class Looked:
    """`since`: when the oldest of the looks that count began; None where there was none."""

    counts: Counter[Kind] = field(default_factory=Counter)
    since: datetime | None = None
    #: The newest of them.
    report: PiiAudit | None = None
    #: The newest that is going on.
    going: PiiAudit | None = None
    #: Channels with messages that nobody looked through, where some were.
    never: int = 0


def last(workspace: Workspace, channels: Sequence[Channel]) -> Looked:
    """Of each channel the newest look that was finished; its messages since then are in none."""
    left = {channel.pk for channel in channels}
    rows = within(workspace, PiiAudit.objects.defer("examples", "error"))
    active = (PiiAudit.State.RUNNING, PiiAudit.State.DONE)
    rows = rows.filter(channels__overlap=sorted(left), state__in=active)
    found = Looked()
    for audit in rows.order_by("-created_at")[:_NEWEST]:
        if audit.is_active:
            found.going = found.going or audit
            continue
        for key in left.intersection(audit.channels):
            left.remove(key)
            found.report = found.report or audit
            found.since = audit.created_at
            for kind, number in audit.counts.get(str(key), {}).items():
                found.counts[Kind(kind)] += number
    if left and found.since:
        found.never = ChannelTotals.objects.filter(channel__in=left, messages__gt=0).count()
    return found
