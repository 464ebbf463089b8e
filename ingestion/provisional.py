"""Ids for channels whose own id no source has told yet."""

import hashlib
from typing import Final

from ingestion.models import Channel, ChannelAccess

#: Provisional ids are spread over so many.
_SPREAD: Final = 900_000_000_000_000


def provisional_id(key: str) -> int:
    """An id for a channel: always the same for the same key (`@name` or `title:Title`)."""
    digest = hashlib.sha256(key.encode()).digest()
    return Channel.PROVISIONAL - int.from_bytes(digest[:8]) % _SPREAD


def adopt(*, workspace_id: int, peer_id: int, username: str) -> Channel | None:
    """Give a channel that was only imported, or read from the web, its own id when Telegram tells
    it: found by its public name. None when there is nothing to adopt.
    """
    if not username or Channel.objects.filter(workspace=workspace_id, peer_id=peer_id).exists():
        return None
    channel = (
        Channel.objects.filter(
            workspace=workspace_id, username__iexact=username, peer_id__lte=Channel.PROVISIONAL
        )
        .exclude(pk__in=ChannelAccess.objects.values("channel_id"))
        .first()
    )
    if channel is not None:
        Channel.objects.filter(pk=channel.pk).update(peer_id=peer_id)
        channel.peer_id = peer_id
    return channel
