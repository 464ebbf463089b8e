"""The whole world, and the only place that changes it."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.world import attach, build, codec
from sandbox.world.model import MARK, Admin, Invite, Message, Topic, bare_channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.world.channel import Channel
    from sandbox.world.model import Account, Media, User
    from sandbox.world.store import Store

# a world that is frozen from its start ends here, so that two of one seed are the same
FIXED_END = 1_767_225_600  # 2026-01-01T00:00:00Z


#: Of a card, the lists of objects.
_LISTS: dict[str, Any] = {"topics": Topic, "admins": Admin, "invites": Invite}


def _typed(name: str, value: Any) -> Any:
    """A field of a card as the model has it, from its plain form or as it is."""
    if name == "members":
        return set(value)
    if name not in _LISTS:
        return value
    return tuple(_LISTS[name](**one) if isinstance(one, dict) else one for one in value)


class World:
    """Accounts, people and channels; every change is stored before it shows."""

    def __init__(self, store: Store, spec: Mapping[str, Any]) -> None:
        self._store = store
        self.spec = dict(spec)
        secret = store.meta("secret")
        if secret is None:
            secret = secrets.token_hex(32)
            store.set_meta("secret", secret)
        self.secret = bytes.fromhex(secret)
        self.frozen = bool(store.meta("frozen"))
        self.listeners: list[Callable[[Channel, str, list[int]], None]] = []
        self._build()

    def _build(self) -> None:
        parts = build.build(self.spec)
        self.accounts: dict[int, Account] = {item.user_id: item for item in parts.accounts}
        self.by_phone: dict[str, Account] = {item.phone: item for item in parts.accounts}
        self.apps = {app.api_id: app.api_hash for app in parts.apps}
        self.users: dict[int, User] = parts.users
        self.usernames = {u.username.lower(): u for u in parts.users.values() if u.username}
        self.channels: dict[int, Channel] = {c.info.id: c for c in parts.channels}
        self.authors = parts.profiles
        self._replay()

    def reset(self) -> None:
        """As it was made: nothing posted, edited, deleted, joined; frozen if it is still."""
        self._store.clear()
        self.freeze(frozen=bool(self.spec.get("still")))
        self._build()

    def _replay(self) -> None:
        for channel_id, card in self._store.channels():
            if channel_id in self.channels:
                self._apply_card(self.channels[channel_id], card)
        for channel_id, message_id, body in self._store.messages():
            channel = self.channels.get(channel_id)
            if channel is None:
                continue
            if body is None:
                channel.remove(message_id)
            else:
                channel.put(codec.message(body))

    def freeze(self, *, frozen: bool) -> None:
        """Whether the world goes on by itself."""
        self.frozen = frozen
        self._store.set_meta("frozen", frozen)

    def now(self) -> int:
        """The world's clock: a frozen world made for a test keeps its last moment."""
        end = int(self.spec["end"])
        return end if self.frozen and self.spec.get("still") else max(end, int(time.time()))

    def find(self, name: str | int) -> Channel:
        """A channel by @name, marked or bare id; LookupError tells what was looked for."""
        if isinstance(name, int) or name.lstrip("-").isdigit():
            number = int(name)
            bare = bare_channel(number) if number < MARK else abs(number)
            channel = self.channels.get(bare)
        else:
            channel = self.by_username(name.removeprefix("@"))
        if channel is None:
            raise LookupError(f"no channel {name} in this world")
        return channel

    def by_username(self, username: str) -> Channel | None:
        wanted = username.lower()
        for channel in self.channels.values():
            if channel.info.username and channel.info.username.lower() == wanted:
                return channel
        return None

    def by_invite(self, secret: str) -> tuple[Channel, Invite] | None:
        """Where a link leads while it is good: neither expired nor revoked."""
        for channel in self.channels.values():
            for invite in channel.info.invites:
                ended = invite.expires is not None and invite.expires <= self.now()
                if invite.hash == secret and not invite.revoked and not ended:
                    return channel, invite
        return None

    def media(self, file_id: int) -> Media | None:
        """The medium with this id: generated ones say where they are, others are looked for."""
        channel_id, message_id = attach.home(file_id)
        channel = self.channels.get(channel_id)
        message = channel.get(message_id) if channel else None
        if message is not None and message.media is not None and message.media.id == file_id:
            return message.media
        for channel in self.channels.values():
            for message in (*channel.changed.values(), *channel.source.listed()):
                if message.media is not None and message.media.id == file_id:
                    return message.media
        return None

    def access_hash(self, account_id: int, kind: str, object_id: int) -> int:
        """What an account must name an object with; differs between accounts.

        https://core.telegram.org/api/peers#access-hash
        """
        text = f"{account_id}:{kind}:{object_id}".encode()
        digest = hashlib.blake2b(text, key=self.secret, digest_size=8).digest()
        return int.from_bytes(digest, "little", signed=True) or 1

    # changes

    def post(self, channel: Channel, message: Message) -> Message:
        """Appends; the id is given here."""
        item = replace(message, id=channel.top_id + 1)
        self._put(channel, "new", [item])
        return item

    def post_many(self, channel: Channel, messages: Iterable[Message]) -> list[Message]:
        """Appends an album: ids follow each other, one change."""
        items = [
            replace(message, id=channel.top_id + 1 + number)
            for number, message in enumerate(messages)
        ]
        self._put(channel, "new", items)
        return items

    def edit(self, channel: Channel, message_id: int, **fields: Any) -> Message:
        """Changes fields of a message; `edit_date` is now unless given."""
        old = self._existing(channel, message_id)
        item = replace(old, **{"edit_date": max(self.now(), old.date), **fields})
        self._put(channel, "edit", [item])
        return item

    def counters(self, channel: Channel, items: Iterable[Message]) -> None:
        """New views, forwards or reactions: no edit, and no event of the history."""
        self._put(channel, "counters", list(items))

    def delete(self, channel: Channel, ids: Iterable[int]) -> list[int]:
        """Deletes what exists of `ids`, and tells what that was."""
        gone = [i for i in ids if channel.get(i) is not None]
        if gone:
            channel.info.pts += len(gone)
            event = (channel.info.pts, "delete", gone)
            self._store.change(
                channel.info.id, self._card(channel), [(i, None) for i in gone], event
            )
            for message_id in gone:
                channel.remove(message_id)
            self._tell(channel, "delete", gone)
        return gone

    def member(self, channel: Channel, account_id: int, *, joined: bool) -> None:
        """An account joins or leaves (or is thrown out)."""
        (channel.info.members.add if joined else channel.info.members.discard)(account_id)
        self._store.change(channel.info.id, self._card(channel))
        self._tell(channel, "card", [])
        if not joined:  # who left is no member any more, and is told, too
            self._tell(channel, "member", [account_id])

    def change_card(self, channel: Channel, **fields: Any) -> None:
        """Title, about, username, available_min_id, …: whatever a card has."""
        for name, value in fields.items():
            if not hasattr(channel.info, name):
                raise LookupError(f"a channel has no field {name}")
            setattr(channel.info, name, _typed(name, value))
        self._store.change(channel.info.id, self._card(channel))
        self._tell(channel, "card", [])

    def _put(self, channel: Channel, kind: str, items: list[Message]) -> None:
        if not items:
            return
        event = None
        ids = [item.id for item in items]
        if kind != "counters":
            channel.info.pts += len(items)
            event = (channel.info.pts, kind, ids)
        rows = [(item.id, codec.plain(item)) for item in items]
        self._store.change(channel.info.id, self._card(channel), rows, event)
        for item in items:
            channel.put(item)
        self._tell(channel, kind, ids)

    def _existing(self, channel: Channel, message_id: int) -> Message:
        message = channel.get(message_id)
        if message is None:
            raise LookupError(f"{channel.info.title} has no message {message_id}")
        return message

    def _tell(self, channel: Channel, kind: str, ids: list[int]) -> None:
        for listener in self.listeners:
            listener(channel, kind, ids)

    @staticmethod
    def _card(channel: Channel) -> dict[str, Any]:
        info = channel.info
        return {
            "pts": info.pts,
            "title": info.title,
            "about": info.about,
            "username": info.username,
            "participants": info.participants,
            "available_min_id": info.available_min_id,
            "pinned_id": info.pinned_id,
            "photo": info.photo,
            "photo_dc": info.photo_dc,
            "invites": [codec.plain(invite) for invite in info.invites],
            "members": sorted(info.members),
            "top_id": channel.top_id,
            "linked_id": info.linked_id,
            "migrated_from": info.migrated_from,
            "migrated_max_id": info.migrated_max_id,
            "migrated_to": info.migrated_to,
            "topics": [codec.plain(topic) for topic in info.topics],
            "admins": [codec.plain(admin) for admin in info.admins],
        }

    @staticmethod
    def _apply_card(channel: Channel, card: dict[str, Any]) -> None:
        for name, value in card.items():
            if name == "members":
                channel.info.members = set(value)
            elif name == "top_id":
                channel.top_id = max(channel.top_id, value)
            else:
                setattr(channel.info, name, _typed(name, value))
