"""Auth keys, what is known of them, and the sessions that use them."""

from __future__ import annotations

import hashlib
import struct
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection
    from sandbox.world.store import Store

SALT_SECONDS = 1_800


@dataclass(slots=True)
class AuthKey:
    """A key that a client made with us; `dead` is the error that it gets for good."""

    key: bytes
    key_id: bytes
    first_salt: int | None = None
    user_id: int | None = None
    pending_user_id: int | None = None
    dead: str | None = None
    layer: int = 0
    api_id: int = 0
    device: str = ""
    made_at: int = 0
    takeout_id: int | None = None
    #: The data centre that it is for: another one after auth.importAuthorization.
    dc: int = 2
    users: set[Connection] = field(default_factory=set)

    def state(self) -> dict[str, Any]:
        """What is stored of it beside the key."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in _NOT_STORED}

    def salt(self, now: float | None = None) -> int:
        """The server salt of this half hour; each is good for the next one, too.

        https://core.telegram.org/mtproto/description#server-salt
        """
        period = int((time.time() if now is None else now) // SALT_SECONDS)
        digest = hashlib.blake2b(
            period.to_bytes(8, "little"), key=self.key[:64], digest_size=8
        ).digest()
        return int.from_bytes(digest, "little", signed=True)

    def accepts(self, salt: int) -> bool:
        """Whether a message with this salt may be read."""
        now = time.time()
        if salt == self.first_salt and now - self.made_at < SALT_SECONDS:
            return True
        return salt in {self.salt(now), self.salt(now - SALT_SECONDS)}


_NOT_STORED = {"key", "key_id", "users"}


class AuthKeys:
    """All keys, in memory and on disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: dict[bytes, AuthKey] = {}
        for key, body in store.auth_keys():
            key_id = hashlib.sha1(key, usedforsecurity=False).digest()[-8:]
            self._keys[key_id] = AuthKey(key, key_id, **body)

    def get(self, key_id: bytes) -> AuthKey | None:
        return self._keys.get(key_id)

    def add(self, key: bytes, **state: Any) -> AuthKey:
        key_id = hashlib.sha1(key, usedforsecurity=False).digest()[-8:]
        made = AuthKey(key, key_id, made_at=int(time.time()), **state)
        self._keys[key_id] = made
        self.save(made)
        return made

    def save(self, key: AuthKey) -> None:
        self._store.put_auth_key(key.key_id, key.key, key.state())

    def drop(self, key: AuthKey) -> None:
        self._keys.pop(key.key_id, None)
        self._store.drop_auth_key(key.key_id)

    def clear(self) -> None:
        """Forgets the keys that are in memory; those on disk are the store's business."""
        self._keys.clear()

    def of_user(self, user_id: int) -> list[AuthKey]:
        return [key for key in self._keys.values() if key.user_id == user_id]


class Session:
    """One client session: numbers of messages, and what was received and sent.

    https://core.telegram.org/mtproto/description#session
    """

    def __init__(self, session_id: int) -> None:
        self.id = session_id
        self.seen: OrderedDict[int, None] = OrderedDict()
        self.sent: OrderedDict[int, tuple[int, bytes]] = OrderedDict()
        self.highest = (0, 0)
        self.announced = False
        self.wants_updates = False
        self.refuses_updates = False
        self._last_id = 0
        self._content = 0

    def next_id(self, *, answer: bool) -> int:
        """A message id: time, then 1 mod 4 for answers, 3 for the rest.

        https://core.telegram.org/mtproto/description#message-identifier-msg-id
        """
        now = time.time()
        made = (int(now) << 32 | int(now % 1 * (1 << 32))) & ~3
        made = max(made, self._last_id + 4 & ~3)
        self._last_id = made
        return made | (1 if answer else 3)

    def next_seqno(self, *, content: bool) -> int:
        number = self._content * 2 + content
        self._content += content
        return number

    def remember(self, msg_id: int) -> None:
        self.seen[msg_id] = None
        if len(self.seen) > 1_000:
            self.seen.popitem(last=False)

    def keep(self, msg_id: int, seqno: int, body: bytes) -> None:
        """Keeps an answer until it is acknowledged, the last few only."""
        self.sent[msg_id] = (seqno, body)
        if len(self.sent) > 4:
            self.sent.popitem(last=False)

    def acknowledge(self, ids: list[int]) -> None:
        for msg_id in ids:
            self.sent.pop(msg_id, None)


def container(parts: list[tuple[int, int, bytes]]) -> bytes:
    """A ``msg_container`` of (id, seqno, body)."""
    out = [struct.pack("<Ii", 0x73F1F8DC, len(parts))]
    for msg_id, seqno, body in parts:
        out.append(struct.pack("<qii", msg_id, seqno, len(body)))
        out.append(body)
    return b"".join(out)
