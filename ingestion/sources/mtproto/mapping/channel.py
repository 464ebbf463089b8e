"""Channels (https://core.telegram.org/api/channel)."""

from ingestion.errors import AccessError, DataError, InputError
from ingestion.records import ChannelKind, ChannelRecord
from ingestion.sources.mtproto.mapping.people import active_username
from ingestion.sources.mtproto.mapping.values import TLDict, channel_mark, clean

_BASIC_GROUPS = frozenset({"Chat", "ChatForbidden", "ChatEmpty"})


def map_channel(chat: TLDict, full: TLDict | None = None) -> ChannelRecord:
    """A `Channel` or `ChannelForbidden`, with its `ChannelFull` when that was asked for.

    Raises InputError for a basic group and DataError for what is no channel at all.
    """
    name = chat["_"]
    if name in _BASIC_GROUPS:
        raise InputError(
            "BASIC_GROUP",
            f"“{clean(chat.get('title'))}” is a basic group, which cannot be archived yet.",
            "Ask its owner to turn it into a supergroup; Telegram does it when the group gets "
            "a public name or shows its history to new members.",
        )
    if name not in {"Channel", "ChannelForbidden"}:
        raise DataError(
            "NOT_A_CHANNEL", f"Telegram described a {name} where a channel was expected."
        )
    if not chat.get("access_hash"):
        raise AccessError(
            "CHANNEL_UNREACHABLE",
            f"Telegram gave this account no key to “{clean(chat.get('title'))}”.",
            "Open the channel once in a Telegram app with this account, then try again.",
        )
    username = active_username(chat)
    full = full or {}
    members = full.get("participants_count")
    return ChannelRecord(
        peer_id=channel_mark(chat["id"]),
        access_hash=chat["access_hash"],
        kind=_kind(chat),
        title=clean(chat["title"]),
        username=username,
        about=clean(full.get("about")),
        members=chat.get("participants_count") if members is None else members,
        available_min_id=full.get("available_min_id") or 0,
        is_private=not username,
        left=name == "ChannelForbidden" or bool(chat.get("left")),
    )


def _kind(chat: TLDict) -> ChannelKind:
    if chat.get("gigagroup"):
        return ChannelKind.GIGAGROUP
    if chat.get("forum"):
        return ChannelKind.FORUM
    if chat.get("megagroup"):
        return ChannelKind.SUPERGROUP
    return ChannelKind.BROADCAST
