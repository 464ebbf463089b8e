"""Users and chats: display names, and the account itself."""

from typing import Any, Final

from ingestion.records import AccountRecord, PeerRecord
from ingestion.sources.mtproto.mapping.values import TLDict, channel_mark, clean

_USERS: Final = frozenset({"User"})
_CHANNELS: Final = frozenset({"Channel", "ChannelForbidden"})
_CHATS: Final = frozenset({"Chat", "ChatForbidden"})
_FLAGS: Final = ("deleted", "fake", "scam", "verified")


def map_peer(peer: Any) -> PeerRecord | None:
    """A `User`, `Channel` or `Chat` as Telethon made it; None for what says nothing.

    Read from the object itself: a page brings up to a hundred of them, and most of their fields
    are of no interest.
    """
    name = type(peer).__name__
    if name in _USERS:
        return PeerRecord(
            peer_id=peer.id,
            kind="bot" if peer.bot else "user",
            name=display_name(peer.first_name, peer.last_name),
            usernames=_usernames(peer),
            flags=tuple(flag for flag in _FLAGS if getattr(peer, flag)),
            partial=bool(peer.min),
        )
    if name in _CHANNELS:
        return PeerRecord(
            peer_id=channel_mark(peer.id),
            kind="channel",
            name=clean(peer.title),
            usernames=_usernames(peer),
            flags=tuple(flag for flag in _FLAGS if getattr(peer, flag, False)),
            partial=bool(getattr(peer, "min", False)) or name == "ChannelForbidden",
        )
    if name in _CHATS:
        return PeerRecord(peer_id=-peer.id, kind="chat", name=clean(peer.title))
    return None


def _usernames(peer: Any) -> tuple[str, ...]:
    if getattr(peer, "username", None):
        return (clean(peer.username),)
    names = getattr(peer, "usernames", None) or ()
    return tuple(clean(one.username) for one in names if one.active)


def display_name(first_name: str | None, last_name: str | None, title: str | None = None) -> str:
    """A channel's title, or a person's names."""
    return clean(title or " ".join(part for part in (first_name, last_name) if part))


def account(user: TLDict) -> AccountRecord:
    """The logged-in user."""
    return AccountRecord(
        user_id=user["id"],
        phone=clean(user.get("phone")),
        name=display_name(user.get("first_name"), user.get("last_name")),
        username=active_username(user),
    )


def active_username(peer: TLDict) -> str:
    """The first name that leads to the peer.

    A peer with several (https://core.telegram.org/api/usernames) has them in `usernames` and
    none in `username`.
    """
    return next(iter(active_usernames(peer)), "")


def active_usernames(peer: TLDict) -> tuple[str, ...]:
    """Every name that leads to the peer."""
    if peer.get("username"):
        return (clean(peer["username"]),)
    names: list[dict[str, Any]] = peer.get("usernames") or []
    return tuple(clean(name["username"]) for name in names if name.get("active"))
