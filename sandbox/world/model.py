"""The world's own model.

Dates are Unix seconds in UTC. Peers are written in the marked form that bots and
exports use: users positive, channels ``-100…``
(https://core.telegram.org/api/bots/ids). Entity offsets and lengths count UTF-16
code units (https://core.telegram.org/api/entities#entity-length).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

#: A basic group is none of Telegram's channels, and kept like one here.
ChannelKind = Literal["broadcast", "supergroup", "gigagroup", "forum", "basic_group"]

MARK = -1_000_000_000_000


def marked_channel(channel_id: int) -> int:
    """The marked form of a bare channel id: 1234 → -1000000001234."""
    return MARK - channel_id


def bare_channel(marked: int) -> int:
    """The bare channel id of a marked one: -1000000001234 → 1234."""
    return MARK - marked


@dataclass(frozen=True, slots=True)
class Entity:
    """A styled range of the text (https://core.telegram.org/api/entities)."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    document_id: int | None = None
    collapsed: bool = False
    date: int | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """What hangs on a message; `kind` says which of the fields are set.

    Kinds: photo, video, round, animation, voice, audio, document, sticker, poll, quiz,
    webpage, geo, venue, contact, dice; and those that say what they are in `facts`:
    live_location, game, invoice, giveaway, giveaway_results, story, paid_media, todo,
    unsupported, video_stream (see `kinds`). The others have there what is rare about them.
    """

    kind: str
    id: int = 0
    size: int = 0
    mime: str = ""
    file_name: str = ""
    width: int = 0
    height: int = 0
    duration: int = 0
    title: str = ""
    performer: str = ""
    url: str = ""
    text: str = ""
    emoji: str = ""
    value: int = 0
    latitude: float = 0.0
    longitude: float = 0.0
    phone: str = ""
    options: tuple[str, ...] = ()
    votes: tuple[int, ...] = ()
    correct: int = -1
    closed: bool = False
    spoiler: bool = False
    #: JSON values under the names of the constructor's fields.
    facts: dict[str, Any] | None = None
    #: What its bytes are made from; 0: its id.
    seed: int = 0
    #: The data centre that has it; 0: that of the account.
    dc: int = 0


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a forwarded message came from (``messageFwdHeader``)."""

    date: int
    from_id: int | None = None
    from_name: str | None = None
    channel_post: int | None = None
    post_author: str | None = None
    imported: bool = False
    psa_type: str | None = None
    saved_from_peer: int | None = None
    saved_from_msg_id: int | None = None
    saved_from_id: int | None = None
    saved_from_name: str | None = None
    saved_date: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a message answers (``messageReplyHeader``)."""

    message_id: int
    top_id: int | None = None
    peer_id: int | None = None
    quote: str | None = None
    forum_topic: bool = False
    quote_entities: tuple[Entity, ...] = ()
    quote_offset: int = 0
    todo_item_id: int | None = None
    poll_option: int | None = None
    #: What another chat's message says of itself, and what it carries.
    origin: Forward | None = None
    media: Media | None = None
    #: Of a story, which has no message id (0) and is its `peer_id`'s.
    story_id: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What a service message says happened."""

    kind: str
    title: str = ""
    users: tuple[int, ...] = ()
    value: int = 0
    #: JSON values under the names of the constructor's fields; then the rest is not looked at.
    facts: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a channel; ids are dense within the channel, but for deleted ones."""

    id: int
    date: int
    text: str = ""
    entities: tuple[Entity, ...] = ()
    sender_id: int | None = None
    author: str | None = None
    reply: Reply | None = None
    forward: Forward | None = None
    media: Media | None = None
    action: Action | None = None
    views: int | None = None
    forwards: int | None = None
    replies: int | None = None
    reactions: tuple[tuple[str, int], ...] = ()
    edit_date: int | None = None
    edit_hide: bool = False
    grouped_id: int | None = None
    via_bot_id: int | None = None
    pinned: bool = False
    silent: bool = False
    #: Rare fields of the message, under their own names: buttons, effect, ttl_period, …
    extras: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    phone: str | None = None
    bot: bool = False
    verified: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in here."""

    user_id: int
    phone: str
    code: str
    password: str | None = None
    hint: str | None = None
    banned: bool = False


@dataclass(frozen=True, slots=True)
class ApiApp:
    """An application identity that the server accepts (https://my.telegram.org)."""

    api_id: int
    api_hash: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A forum topic; its id is the id of the service message that made it."""

    id: int
    title: str
    icon_color: int = 0x6FB9F0
    icon_emoji_id: int | None = None
    closed: bool = False
    pinned: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody who runs a channel or a group (https://core.telegram.org/api/rights)."""

    user_id: int
    rank: str | None = None
    creator: bool = False


@dataclass(frozen=True, slots=True)
class Invite:
    """A link that leads into a channel (https://core.telegram.org/api/invites).

    With `approval`, whoever follows it waits until an administrator agrees; it ends at `expires`
    (Unix seconds), or when it is `revoked`.
    """

    hash: str
    approval: bool = False
    expires: int | None = None
    revoked: bool = False


@dataclass(slots=True)
class ChannelInfo:
    """A channel's card: everything but its messages."""

    id: int
    title: str
    kind: ChannelKind
    username: str | None = None
    about: str = ""
    created: int = 0
    language: str = "en"
    topic: str = "news"
    participants: int = 0
    signatures: bool = False
    verified: bool = False
    available_min_id: int = 0
    linked_id: int | None = None
    pinned_id: int | None = None
    topics: tuple[Topic, ...] = ()
    admins: tuple[Admin, ...] = ()
    #: The basic group that this supergroup was, and its last message; both bare ids.
    migrated_from: int | None = None
    migrated_max_id: int | None = None
    #: The supergroup that this basic group became: a bare id.
    migrated_to: int | None = None
    members: set[int] = field(default_factory=set)
    pts: int = 1
    #: The id of its picture; None when it has none.
    photo: int | None = None
    #: The data centre that has it.
    photo_dc: int = 2
    invites: tuple[Invite, ...] = ()

    @property
    def marked_id(self) -> int:
        return -self.id if self.is_basic else marked_channel(self.id)

    @property
    def is_basic(self) -> bool:
        """A basic group: at most one account of this world is in it, because the ids of its
        messages would be others for each (https://core.telegram.org/api/channel#basic-groups).
        """
        return self.kind == "basic_group"

    @property
    def private(self) -> bool:
        return self.username is None
