"""Who is who in Telegram Desktop's files: ids as they were written over the years."""

from typing import Any, Final

from ingestion.records import ChannelKind
from ingestion.sources.base import Chat
from ingestion.sources.words import clean

#: Marked ids of channels: https://core.telegram.org/api/bots/ids
_CHANNEL_MARK: Final = -1_000_000_000_000
#: Before September 2021 the type of a peer stood above the lower 32 bits of its id: 0 a user,
#: 1 a basic group, 2 a channel (measured on exports of 2021; MTProto's ids had 32 bits then,
#: https://core.telegram.org/api/layers, layer 133).
_OLD_BITS: Final = 32

#: Marked ids have 64 bits.
_BEYOND: Final = 1 << 62

#: Kind of chat → what it is here.
KINDS: Final = {
    "public_channel": (ChannelKind.BROADCAST, False),
    "private_channel": (ChannelKind.BROADCAST, True),
    "public_supergroup": (ChannelKind.SUPERGROUP, False),
    "private_supergroup": (ChannelKind.SUPERGROUP, True),
}


def channel_mark(bare: int) -> int:
    """The marked form of a channel's id."""
    return _CHANNEL_MARK - bare


def bare_channel(number: int) -> int:
    """A channel's own id, from one that may carry the type in its high bits."""
    kind, bare = divmod(number, 1 << _OLD_BITS)
    return bare if kind == 2 and bare else number


def chat_of(fields: dict[str, Any]) -> Chat | None:
    """The channel or supergroup of an export; None for a chat that is neither."""
    known = KINDS.get(fields.get("type") or "")
    number = fields.get("id")
    if known is None or type(number) is not int or not 0 < number < _BEYOND:
        return None
    kind, private = known
    return Chat(
        peer_id=channel_mark(bare_channel(number)),
        title=clean(fields.get("name")),
        kind=kind,
        is_private=private,
    )


def peer_text(value: Any) -> str:
    """The marked id of a sender as text; "" for none.

    `"channel123"`, `"user123"`, `"chat123"`, or an integer of the old form.
    """
    if isinstance(value, int):
        kind, bare = divmod(value, 1 << _OLD_BITS)
        if kind == 2:
            return str(channel_mark(bare))
        return str(-bare) if kind == 1 else str(value)
    text = str(value or "")
    for prefix, marked in (("user", "{}"), ("channel", "-100{:0>10}"), ("chat", "-{}")):
        number = text.removeprefix(prefix)
        if number != text and number.isdecimal():
            return marked.format(number)
    return ""
