"""What every source yields: frozen dataclasses that know nothing of Django or Telethon."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from tgadmin.lib.told import Told

#: Raise it when `content_hash` covers other fields: rows of an older version are hashed again
#: on their next sync and do not count as edited.
HASH_VERSION: Final = 2

#: How rich a source's records are: the richer one wins, field by field, where several tell of the
#: same message.
SOURCE_RANKS: Final = {
    "mtproto": 40,
    "jsonl": 38,
    "telethon_dump": 30,
    "archive": 25,
    "desktop": 20,
    "desktop_html": 15,
    "flat_json": 12,
    "web_preview": 10,
}

#: Sources that tell all there is to a message: where they say nothing, there is nothing.
FULL_SOURCES: Final = frozenset({"mtproto"})

#: Sources that tell what Telegram has now; the others were saved some day.
LIVE_SOURCES: Final = frozenset({"mtproto", "web_preview"})

#: Levels of a record that are kept where it has too many, and bits of JSON's numbers.
_DEEPEST: Final = 100
_BITS: Final = 63

#: A JSON object, as a source's own record is kept.
JsonObject = Mapping[str, Any]


class ChannelKind(StrEnum):
    """What kind of channel Telegram says it is (https://core.telegram.org/api/channel)."""

    BROADCAST = "broadcast"
    SUPERGROUP = "supergroup"
    GIGAGROUP = "gigagroup"
    FORUM = "forum"
    #: No channel of Telegram's: its messages have ids of the account that is in it
    #: (https://core.telegram.org/api/channel#basic-groups).
    BASIC_GROUP = "basic_group"


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """The photo that a channel shows: enough to fetch it.

    `dc_id` is the data centre that has it; `thumb` a stripped JPEG of at most 40 px
    (https://core.telegram.org/api/files#stripped-thumbnails), empty when there is none.
    """

    photo_id: int
    dc_id: int
    thumb: bytes = b""


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel as a source describes it.

    `peer_id` is in the marked form (-100…); `access_hash` belongs to the account that asked.
    """

    peer_id: int
    access_hash: int
    kind: ChannelKind
    title: str
    username: str = ""
    about: str = ""
    members: int | None = None
    #: Ids up to and including it exist, but are hidden from who joined later (0: none hidden).
    #: "Identifier of a maximum unavailable message in a channel due to hidden history",
    #: https://core.telegram.org/constructor/channelFull
    available_min_id: int = 0
    is_private: bool = False
    #: This account may not read it (left, kicked, or not yet joined a private channel).
    left: bool = False
    photo: PhotoRecord | None = None
    #: Every name that leads to it, `username` included (https://core.telegram.org/api/usernames).
    usernames: tuple[str, ...] = ()
    #: The group in which a channel's posts are discussed, or that group's channel; in the marked
    #: form (https://core.telegram.org/api/discussion).
    linked_peer_id: int | None = None
    #: The basic group that this supergroup was before, in the marked form.
    migrated_from: int | None = None
    #: The supergroup that this basic group became, in the marked form.
    migrated_to: int | None = None
    #: Whether it was told in full, so that what is not named above is not there.
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class PeerRecord:
    """A person, a bot, a channel or a group, as an answer describes it beside its messages.

    `peer_id` is in the marked form. Phone numbers are never taken.
    """

    peer_id: int
    #: user, bot, channel or chat
    kind: str
    name: str
    #: Every name that leads to it.
    usernames: tuple[str, ...] = ()
    #: Of deleted, fake, scam, verified: those that are so, in this order.
    flags: tuple[str, ...] = ()
    #: Told in short (https://core.telegram.org/api/min): it may lack names that Telegram knows.
    partial: bool = False

    @property
    def is_person(self) -> bool:
        """Whether it is a human being's account."""
        return self.kind == "user"


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """A topic of a forum (https://core.telegram.org/constructor/forumTopic).

    `topic_id` is that of the message that made it; 1 is "General". `icon_color` is an RGB number.
    """

    topic_id: int
    title: str
    date: datetime
    icon_color: int
    icon_emoji_id: int | None = None
    closed: bool = False
    pinned: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class AdminRecord:
    """Who runs a group, with the title that the group gave them."""

    peer: PeerRecord
    rank: str = ""
    creator: bool = False


@dataclass(frozen=True, slots=True)
class InviteRecord:
    """Where an invite link leads, before it is followed (https://core.telegram.org/api/invites).

    `channel` is there when the account can reach it already: as a `member`, or because the link
    lets it look in. `photo` is a small JPEG.
    """

    title: str
    kind: ChannelKind
    members: int | None
    about: str = ""
    #: Whoever asks to join waits until an administrator agrees.
    needs_approval: bool = False
    #: Joining is paid for, with Telegram Stars.
    paid: bool = False
    member: bool = False
    channel: ChannelRecord | None = None
    photo: bytes = b""


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """The person whom a login belongs to. `phone` is as Telegram keeps it: digits only."""

    user_id: int
    phone: str
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class SentCode:
    """A login code is on its way.

    `type` is how: app, sms, call, flash_call, missed_call, email, fragment_sms …;
    `length` is the number of characters, 0 when it is not known; after `timeout` seconds
    another code may be asked for, which will come by `next_type` (empty: there is no other way).
    """

    phone_code_hash: str
    type: str
    length: int
    timeout: int | None
    next_type: str = ""


@dataclass(frozen=True, slots=True)
class LoginToken:
    """What a QR code holds for a phone to accept; `url` logs whoever's phone reads it in here."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PasswordNeeded:
    """The code was right, and the account also has a two-step password."""

    hint: str


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message, mapped.

    `date` and `edit_date` are aware, in UTC. `entities` are
    `{"type", "offset", "length", …}`, offsets in UTF-16 code units as Telegram counts them.
    `raw` is the source's own record, whole, and is serialised only when the message changed.
    """

    message_id: int
    date: datetime
    edit_date: datetime | None
    #: Marked peer id as text; empty where the channel itself posts.
    sender_id: str
    #: The signature of a post, or the display name of a group's member.
    author: str
    text: str
    entities: Sequence[Mapping[str, Any]]
    #: text, photo, video, voice, audio, document, sticker, animation, poll, service, unknown …
    kind: str
    #: Identity and description of the medium; what changes by itself (file references, poll
    #: results) is not in it.
    media_meta: Mapping[str, Any] | None
    reply_to: Mapping[str, Any] | None
    forward: Mapping[str, Any] | None
    grouped_id: int | None
    topic_id: int | None
    links: Sequence[str]
    hashtags: Sequence[str]
    views: int | None
    forwards: int | None
    replies: int | None
    #: `{emoji or "custom:<id>" or "paid": count}`
    reactions: Mapping[str, int]
    raw: JsonObject
    #: Telegram moves the edit date when a keyboard or a reaction changes and asks to show such a
    #: message as not edited: that date is no part of the content.
    edit_hidden: bool = False
    #: What hangs on the message and changes by itself: poll results, ticks, a link's preview,
    #: buttons. Counted with the counters, no part of the content.
    attached: Mapping[str, Any] | None = None

    def content_hash(self) -> bytes:
        """SHA-256 (32 bytes) of what a person would call the content.

        Counters, names, file references and access hashes are not part of it: when they
        change, that is no edit.
        """
        return hashlib.sha256(
            orjson.dumps(
                (
                    self.text,
                    self.entities,
                    self.kind,
                    self.media_meta,
                    self.reply_to,
                    self.forward,
                    None if self.edit_hidden else self.edit_date,
                ),
            )
        ).digest()

    def counters_hash(self) -> bytes:
        """Eight bytes that differ when a counter, a reaction or what is attached differs."""
        return counters_hash(self.views, self.forwards, self.replies, self.reactions, self.attached)

    def raw_json(self) -> bytes:
        """The source's own record as JSON that `jsonb` takes."""
        return dump_raw(self.raw)


def counters_hash(
    views: int | None,
    forwards: int | None,
    replies: int | None,
    reactions: Mapping[str, int],
    attached: Mapping[str, Any] | None,
) -> bytes:
    """Eight bytes that differ when any of these does, in whatever order their keys are: the same
    when they come from Telegram and when they are read back from `jsonb`.
    """
    counted: tuple[Any, ...] = (views, forwards, replies, reactions)
    if attached:
        counted = (*counted, attached)
    return hashlib.blake2b(
        orjson.dumps(counted, option=orjson.OPT_SORT_KEYS), digest_size=8
    ).digest()


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A record that could not be mapped; it goes to quarantine and never stops a run."""

    message_id: int | None
    #: Sentences for people; what a program said in its own words stands among their values.
    error: Told
    raw: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought.

    `low` and `high` (inclusive) are the ids that it answers for: an id between them that is
    neither in `records` nor in `unparsed` does not exist, when `proves_absence` is true.
    """

    records: Sequence[MessageRecord]
    unparsed: Sequence[Unparsed]
    low: int
    high: int
    proves_absence: bool
    #: Who wrote, was forwarded from or is named in the messages, as the answer described them.
    peers: Sequence[PeerRecord] = ()


def dump_raw(raw: JsonObject) -> bytes:
    r"""JSON for `jsonb`: bytes as base64, NUL characters made visible (jsonb refuses them).

    https://www.postgresql.org/docs/current/datatype-json.html: `\u0000` is rejected. What is nested
    deeper than a message ever is ends in `…`.
    """
    try:
        data = orjson.dumps(raw, default=_jsonable)
    except TypeError:
        data = orjson.dumps(_shallow(raw, _DEEPEST), default=_jsonable)
    if b"\\u0000" in data:
        data = orjson.dumps(_without_nul(orjson.loads(data)))
    return data


def _shallow(value: Any, levels: int) -> Any:
    """The same, with so many levels, and numbers that JSON has no room for as texts."""
    if isinstance(value, Mapping):
        inner = value.items() if levels else ()
        return {str(key): _shallow(item, levels - 1) for key, item in inner} or "…"
    if isinstance(value, list | tuple):
        return [_shallow(item, levels - 1) for item in value] if levels else "…"
    return str(value) if type(value) is int and value.bit_length() > _BITS else value


def _jsonable(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return repr(value)


def _without_nul(value: Any) -> Any:
    """The same with U+0000 shown as U+2400 (symbol for null)."""
    if isinstance(value, str):
        return value.replace("\0", "␀")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value
