"""What somebody is called, by marked id."""

from collections.abc import Iterable

from ingestion.models import Sender
from workspaces.access import within
from workspaces.models import Workspace

_LONGEST_ID = 18


def names_of(workspace: Workspace, peers: Iterable[str]) -> dict[str, str]:
    """Names by id, in one query, and none where nobody is asked for."""
    wanted = {int(peer) for peer in set(peers) if _is_id(peer)}
    if not wanted:
        return {}
    rows = within(workspace, Sender.objects.filter(peer_id__in=wanted))
    return {str(peer): name for peer, name in rows.values_list("peer_id", "name") if name}


def _is_id(text: str) -> bool:
    """Where people are hidden, ids are hashes."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_ID
