"""Addresses in Telegram."""

from ingestion.models import Channel

#: Marked ids of channels are -100 followed by Telegram's bare id.
_MARK = 1_000_000_000_000


def telegram_link(channel: Channel, message_id: int | None = None) -> str:
    """The channel or one of its messages on t.me (https://core.telegram.org/api/links); private
    ones open for members alone.
    """
    if not channel.username:
        return telegram_peer_link(channel.peer_id, message_id)
    base = f"https://t.me/{channel.username}"
    return f"{base}/{message_id}" if message_id else base


def telegram_peer_link(peer_id: int, message_id: int | None = None) -> str:
    """The same by a channel's marked id; "" for a basic group, which has no address."""
    if peer_id > -_MARK:
        return ""
    base = f"https://t.me/c/{-peer_id - _MARK}"
    return f"{base}/{message_id}" if message_id else base


def app_link(channel: Channel) -> str:
    """The same for an installed app, at the newest message
    (https://core.telegram.org/api/links#message-links).
    """
    post = max(channel.top_id, 1)
    if channel.username:
        return f"tg://resolve?domain={channel.username}&post={post}"
    return f"tg://privatepost?channel={-channel.peer_id - _MARK}&post={post}"
