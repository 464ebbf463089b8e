"""Channels (https://core.telegram.org/api/channel)."""

import base64

from ingestion.errors import AccessError, DataError, InputError
from ingestion.records import ChannelKind, ChannelRecord, InviteRecord, PhotoRecord
from ingestion.sources.mtproto.mapping.people import active_username, active_usernames
from ingestion.sources.mtproto.mapping.values import TLDict, as_base64, channel_mark, clean

#: Of a basic group, which is named without: not 0, which stands for a hash that is not known.
NEEDS_NONE = 1

_BASIC_GROUPS = frozenset({"Chat", "ChatForbidden", "ChatEmpty"})


def map_channel(chat: TLDict, full: TLDict | None = None) -> ChannelRecord:
    """A `Channel` or `ChannelForbidden`, with its `ChannelFull` when that was asked for.

    A `Chat` is a basic group: no access hash leads to it, and it has no name in links. Raises
    DataError for what is no channel at all.
    """
    name = chat["_"]
    if name in _BASIC_GROUPS:
        return _basic_group_record(chat, full or {})
    if name not in {"Channel", "ChannelForbidden"}:
        raise DataError(
            "NOT_A_CHANNEL",
            "Telegram described a %(what)s where a channel was expected.",
            what=name,
        )
    if not chat.get("access_hash"):
        raise AccessError(
            "CHANNEL_UNREACHABLE",
            "Telegram gave this account no key to “%(title)s”.",
            "Open the channel once in a Telegram app with this account, then try again.",
            title=clean(chat.get("title")),
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
        photo=_photo(chat.get("photo") or {}),
        usernames=active_usernames(chat),
        linked_peer_id=channel_mark(linked) if (linked := full.get("linked_chat_id")) else None,
        migrated_from=-chat_id if (chat_id := full.get("migrated_from_chat_id")) else None,
        is_full=bool(full),
    )


def _basic_group_record(chat: TLDict, full: TLDict) -> ChannelRecord:
    """A `Chat` or `ChatForbidden` (https://core.telegram.org/constructor/chat)."""
    moved = chat.get("migrated_to") or {}
    return ChannelRecord(
        peer_id=-chat["id"],
        access_hash=NEEDS_NONE,
        kind=ChannelKind.BASIC_GROUP,
        title=clean(chat.get("title")),
        about=clean(full.get("about")),
        members=chat.get("participants_count"),
        is_private=True,
        left=chat["_"] != "Chat" or bool(chat.get("left")),
        photo=_photo(chat.get("photo") or {}),
        migrated_to=channel_mark(moved["channel_id"]) if moved.get("channel_id") else None,
        is_full=bool(full),
    )


def map_invite(invite: TLDict, *, photo: bytes = b"") -> InviteRecord:
    """A `ChatInvite` (https://core.telegram.org/constructor/chatInvite); `photo` as it was
    fetched. Raises InputError for a basic group.
    """
    title = clean(invite["title"])
    if not invite.get("channel"):
        raise _basic_group(title)
    return InviteRecord(
        title=title,
        kind=ChannelKind.BROADCAST if invite.get("broadcast") else ChannelKind.SUPERGROUP,
        members=invite["participants_count"],
        about=clean(invite.get("about")),
        needs_approval=bool(invite.get("request_needed")),
        paid=bool(invite.get("subscription_pricing"))
        and not invite.get("can_refulfill_subscription"),
        photo=photo,
    )


def _basic_group(title: str) -> InputError:
    return InputError(
        "BASIC_GROUP",
        "“%(title)s” is a basic group, which cannot be joined from here.",
        "Join it in a Telegram app with the account, then add it from the list of what the account "
        "is in.",
        title=title,
    )


def _photo(photo: TLDict) -> PhotoRecord | None:
    """A `ChatPhoto`; None for a channel that has none."""
    if photo.get("_") != "ChatPhoto":
        return None
    thumb = photo.get("stripped_thumb")
    return PhotoRecord(
        photo_id=photo["photo_id"],
        dc_id=photo["dc_id"],
        thumb=base64.b64decode(as_base64(thumb)) if thumb else b"",
    )


def _kind(chat: TLDict) -> ChannelKind:
    if chat.get("gigagroup"):
        return ChannelKind.GIGAGROUP
    if chat.get("forum"):
        return ChannelKind.FORUM
    if chat.get("megagroup"):
        return ChannelKind.SUPERGROUP
    return ChannelKind.BROADCAST
