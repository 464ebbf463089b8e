"""Users and chats: display names, and the account itself."""

from typing import Any

from ingestion.records import AccountRecord
from ingestion.sources.mtproto.mapping.values import TLDict, clean


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
