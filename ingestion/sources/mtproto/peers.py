"""How a channel or a basic group is named in requests."""

from typing import Any, Final

from telethon.tl import types

from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.mapping.values import bare_channel_id

#: Marked ids above it are basic groups' (https://core.telegram.org/api/bots/ids).
_CHANNELS: Final = -1_000_000_000_000


def is_basic(address: ChannelAddress) -> bool:
    """Whether it is a basic group: named by its id alone, and its messages by ids that are the
    account's own.
    """
    return address.peer_id > _CHANNELS


def input_peer(address: ChannelAddress) -> Any:
    """An `InputPeer` (https://core.telegram.org/type/InputPeer)."""
    if is_basic(address):
        return types.InputPeerChat(-address.peer_id)
    return types.InputPeerChannel(bare_channel_id(address.peer_id), address.access_hash)


def input_channel(address: ChannelAddress) -> types.InputChannel:
    """An `InputChannel`; of a basic group there is none."""
    return types.InputChannel(bare_channel_id(address.peer_id), address.access_hash)
