"""Where an id is that the archive has no message for: the question behind every dead link."""

from dataclasses import dataclass

from ingestion.coverage import CoverageReport
from ingestion.models import Channel, Quarantine
from workspaces.access import within


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of an id: its `state`.

    * `broken`: a record came and could not be read;
    * `beyond`: above the highest id that is known of;
    * `hidden`: Telegram does not show it to those who came later;
    * `unasked`: Telegram was never asked for it;
    * `unclaimed`: the ids are not this chat's alone;
    * `absent`: Telegram was asked, and has no message with it.
    """

    message_id: int
    state: str
    top_id: int
    #: The whole stretch of ids, as small as is known, that shares its state; for one question.
    low: int
    high: int


def of(channel: Channel, message_id: int, report: CoverageReport) -> Whereabouts:
    """Of an id without a row."""
    state, low, high = _state(channel, message_id, report)
    return Whereabouts(message_id, state, report.top_id, low, high)


def _state(channel: Channel, message_id: int, report: CoverageReport) -> tuple[str, int, int]:
    rows = within(channel.workspace, Quarantine.objects.filter(channel=channel))
    if rows.filter(message_id=message_id).exists():
        return "broken", message_id, message_id
    if not channel.has_claim:
        return "unclaimed", message_id, message_id
    if message_id > report.top_id:
        return "beyond", message_id, message_id
    for state, ranges in (("hidden", report.hidden), ("unasked", report.gaps)):
        for low, high in ranges.overlapping(message_id, message_id):
            return state, low, high
    return "absent", message_id, message_id
