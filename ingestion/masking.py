"""Taking people out of records: ids become keyed hashes, names go. Knows no Django.

Channels and bots are no people and stay. What a text itself says stays, too: names and
@usernames that somebody wrote are content.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ingestion.records import MessageRecord

#: In front of a hashed id, so that it is never taken for a number.
MARK: Final = "h"
#: Fields of Telegram's objects (https://core.telegram.org/schema) and of what is made of them that
#: hold the id, or the ids, of users.
_IDS: Final = frozenset(
    {
        "actor_id", "admin_id", "auto_setting_from", "boost_peer", "by", "from_id", "inviter_id", "new_creator_id",
        "other_participants", "peer", "peer_id", "peers", "reactor", "recent_repliers",
        "recent_voters", "saved_from_id", "saved_from_peer", "saved_peer_id", "reply_to_peer_id",
        "to_id", "user_id", "user_ids", "users", "winners",
    }
)  # fmt: skip
#: Fields that hold what a person is called or can be reached by; those of exports, too.
_PERSONAL: Final = frozenset(
    {
        "actor", "first_name", "forwarded_from", "from", "from_name", "last_name", "members",
        "phone", "phone_number", "post_author", "saved_from", "saved_from_name", "signature",
        "username", "usernames", "vcard",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Mask:
    """Hides people with one workspace's key. `bots` are ids that are no person's."""

    key: bytes
    bots: Collection[int] = frozenset()
    _known: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def token(self, text: str) -> str:
        """A marked id as it may be kept: that of a person hashed, any other as it is."""
        text = text.removeprefix("user")  # as exports write it
        if not text.isdigit() or int(text) in self.bots:
            return text
        token = self._known.get(text)
        if token is None:
            digest = hashlib.blake2b(text.encode(), key=self.key[:64], digest_size=12)
            token = self._known[text] = MARK + digest.hexdigest()
        return token

    def record(self, record: MessageRecord) -> MessageRecord:
        """The same message without who wrote it or is in it."""
        sender = self.token(record.sender_id)
        named = bool(sender) and not sender.startswith(MARK) and not record.raw.get("post_author")
        return replace(
            record,
            sender_id=sender,
            author=record.author if named else "",
            entities=[self.tree(entity) for entity in record.entities],
            media_meta=self.tree(record.media_meta),
            reply_to=self.tree(record.reply_to),
            forward=self.tree(record.forward),
            attached=self.tree(record.attached),
            raw=self.tree(record.raw),
        )

    def tree(self, value: Any) -> Any:
        """Any JSON-like value without people; mappings of a new type become dicts."""
        if isinstance(value, Mapping):
            return {key: self._field(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return value

    def _field(self, key: str, value: Any) -> Any:
        if key in _PERSONAL and isinstance(value, str | list | tuple):
            # Empty rather than absent: it can still be mapped again.
            return "" if isinstance(value, str) else []
        if key not in _IDS:
            return self.tree(value)
        if isinstance(value, list | tuple):
            return [self._id(item) for item in value]
        return self._id(value)

    def _id(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            text = str(value)
            token = self.token(text)
            return value if token == text else token
        return self.token(value) if isinstance(value, str) else self.tree(value)
