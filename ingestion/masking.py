"""Taking people out of records: ids become keyed hashes, names go. Knows no Django.

Channels and bots are no people and stay. What a text itself says stays, too: names and
@usernames that somebody wrote are content.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ingestion.records import MessageRecord

#: In front of a hashed id, so that it is never taken for a number.
MARK: Final = "h"
#: Fields of Telegram's objects (https://core.telegram.org/schema) and of what is made of them that
#: hold the id, or the ids, of users.
IDS: Final = frozenset(
    {
        "actor_id", "admin_id", "auto_setting_from", "boost_peer", "by", "from_id", "inviter_id", "new_creator_id",
        "other_participants", "peer", "peer_id", "peers", "reactor", "recent_repliers",
        "recent_voters", "saved_from_id", "saved_from_peer", "saved_peer_id", "reply_to_peer_id",
        "to_id", "user_id", "user_ids", "users", "winners",
    }
)  # fmt: skip
#: Fields that hold what a person is called or can be reached by; those of exports, too.
PERSONAL: Final = frozenset(
    {
        "actor", "first_name", "forwarded_from", "from", "from_name", "last_name", "members",
        "phone", "phone_number", "post_author", "saved_from", "saved_from_name", "signature",
        "username", "usernames", "vcard",
    }
)  # fmt: skip


def _walked(record: MessageRecord, tree: Callable[[Any], Any]) -> MessageRecord:
    """The record with every JSON-like part of it as `tree` leaves it."""
    return replace(
        record,
        entities=[tree(entity) for entity in record.entities],
        media_meta=tree(record.media_meta),
        reply_to=tree(record.reply_to),
        forward=tree(record.forward),
        attached=tree(record.attached),
        raw=tree(record.raw),
    )


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
            _walked(record, self.tree), sender_id=sender, author=record.author if named else ""
        )

    def tree(self, value: Any) -> Any:
        """Any JSON-like value without people; mappings of a new type become dicts."""
        if isinstance(value, Mapping):
            return {key: self._field(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return value

    def _field(self, key: str, value: Any) -> Any:
        if key in PERSONAL and isinstance(value, str | list | tuple):
            # Empty rather than absent: it can still be mapped again.
            return "" if isinstance(value, str) else []
        if key not in IDS:
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


#: https://core.telegram.org/method/account.checkUsername, after an @ or in a link.
_USERNAME: Final = re.compile(r"(?<![\w@])(@|t\.me/|telegram\.me/|domain=)([A-Za-z]\w{3,31})(?!\w)")
_ID_LINK: Final = re.compile(r"(user\?id=)(\d+)")
#: In place of each character, so that all that follows stays where it is.
_BLANK: Final = "•"


@dataclass(frozen=True)
class Forgetting(Mask):
    """Hides those alone who are forgotten, of whom nothing is known but hashes.

    Names of theirs are hidden where a field is a name, @usernames and links to them also in texts. A
    name that somebody wrote in a sentence is content, and stays.
    """

    #: Tokens of ids and of names; of the ids those whose messages are not kept.
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def token(self, text: str) -> str:
        made = super().token(text)
        return made if made in self.ids else text

    def id_token(self, text: str) -> str:
        """What is kept of an id, whoever it is."""
        return super().token(text)

    def name_token(self, name: str) -> str:
        """What is kept of a name or username."""
        digest = hashlib.blake2b(
            name.casefold().strip().encode(), key=self.key[:64], digest_size=12, person=b"name"
        )
        return MARK + digest.hexdigest()

    def is_forgotten(self, name: str) -> bool:
        return bool(name) and self.name_token(name) in self.names

    def is_author(self, sender: str, author: str) -> bool:
        """Whether a message is theirs: by its id, or where it has none of a person (what channels
        post is signed), by the name. Somebody else may be called the same.
        """
        return self.token(sender) != sender or (not sender.isdigit() and self.is_forgotten(author))

    def is_removed(self, sender: str) -> bool:
        """Whether messages of this sender are not kept."""
        return bool(self.removed) and self.id_token(sender) in self.removed

    def record(self, record: MessageRecord) -> MessageRecord:
        sender = self.token(record.sender_id)
        theirs = self.is_author(record.sender_id, record.author)
        return replace(
            _walked(record, self.tree),
            sender_id=sender,
            author="" if theirs else record.author,
            text=self.words(record.text),
            links=tuple(self.words(link) for link in record.links),
        )

    def words(self, text: str) -> str:
        """A text in which their @usernames, and links to them, are blank; of the same length."""
        if "@" in text or "t.me/" in text or "telegram.me/" in text or "domain=" in text:
            text = _USERNAME.sub(self._blank_name, text)
        return _ID_LINK.sub(self._blank_id, text) if "user?id=" in text else text

    def tree(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.words(value)
        if isinstance(value, Mapping) and self._is_about_them(value):
            return {key: self._theirs(key, item) for key, item in value.items()}
        return super().tree(value)

    def _is_about_them(self, value: Mapping[str, Any]) -> bool:
        ids = [
            str(item)
            for key, item in value.items()
            if (key in IDS or key == "id") and item and isinstance(item, int | str)
        ]
        if any(self.token(item) != item for item in ids):
            return True
        # A contact who is not at Telegram has a name in two fields, and no id.
        return not ids and self.is_forgotten(
            f"{value.get('first_name', '')} {value.get('last_name', '')}"
        )

    def _theirs(self, key: str, value: Any) -> Any:
        """A field beside an id of theirs."""
        if key in PERSONAL and isinstance(value, str | list | tuple):
            return "" if isinstance(value, str) else []
        return self._id(value) if key == "id" else self._field(key, value)

    def _field(self, key: str, value: Any) -> Any:
        if key in PERSONAL and isinstance(value, str):
            return "" if self.is_forgotten(value) else value
        if key in PERSONAL and isinstance(value, list | tuple):
            return [
                self.tree(item)
                for item in value
                if not (isinstance(item, str) and self.is_forgotten(item))
            ]
        return super()._field(key, value) if key in IDS else self.tree(value)

    def _blank_name(self, found: re.Match[str]) -> str:
        sign, name = found.groups()
        return sign + _BLANK * len(name) if self.is_forgotten(name) else found.group()

    def _blank_id(self, found: re.Match[str]) -> str:
        sign, number = found.groups()
        return sign + _BLANK * len(number) if self.token(number) != number else found.group()
