"""A channel's policy, and what it says of one file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from ingestion.models import Channel, MediaPolicy, Medium
from ingestion.records import MessageRecord

Mode = MediaPolicy.Mode
Want = Medium.Want

#: Kinds of messages that carry a file.
KINDS: Final = (
    "photo",
    "video",
    "round_video",
    "animation",
    "voice",
    "audio",
    "document",
    "sticker",
)
#: Telegram's id of a file that came by an export which does not tell it.
UNNAMED: Final = 0
#: Those that have a small picture of their own at Telegram.
PICTURED: Final = frozenset({"photo", "video", "round_video", "animation", "sticker", "document"})
#: Those whose own small picture comes with them: a poster needs no ffmpeg then.
POSTERS: Final = frozenset({"video", "round_video", "animation"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, whoever said so. Sizes in bytes, days in UTC, all bounds included."""

    mode: str = Mode.METADATA
    kinds: frozenset[str] = field(default_factory=frozenset)
    mimes: tuple[str, ...] = ()
    min_size: int | None = None
    max_size: int | None = None
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, policy: MediaPolicy | None) -> "Wish":
        if policy is None:
            return cls()
        return cls(
            mode=policy.mode,
            kinds=frozenset(policy.kinds),
            mimes=tuple(policy.mimes),
            min_size=policy.min_size,
            max_size=policy.max_size,
            since=policy.since,
            until=policy.until,
        )

    @property
    def lists(self) -> bool:
        """Whether files are written down at all."""
        return self.mode != Mode.NEVER

    def want(self, *, kind: str, mime: str, size: int | None, posted: datetime) -> int:
        """What is to be downloaded of one file (a `Medium.Want`)."""
        wanted = _OF_MODE[self.mode]
        day = posted.astimezone(UTC).date()
        fitting = (
            (not self.kinds or kind in self.kinds)
            and (wanted is Want.FILE or kind in PICTURED)
            and (not self.mimes or _fits_any(mime or default_mime(kind), self.mimes))
            and (self.min_size is None or (size or 0) >= self.min_size)
            and (self.max_size is None or (size or 0) <= self.max_size)
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )
        return wanted if fitting else Want.NOTHING

    def parameters(self) -> dict[str, Any]:
        """The same for SQL (`sql.WANTED`)."""
        return {
            "mode": _OF_MODE[self.mode],
            "any_kind": not self.kinds,
            "kinds": sorted(self.kinds),
            "pictured": sorted(PICTURED),
            "any_mime": not self.mimes,
            "mimes": [
                one.replace("%", r"\%").replace("_", r"\_").replace("*", "%") for one in self.mimes
            ],
            "least": self.min_size or 0,
            "most": (1 << 62) if self.max_size is None else self.max_size,
            "since": _midnight(self.since or date(1, 1, 1)),
            "until": _midnight(self.until + timedelta(days=1)) if self.until else _ALWAYS,
        }


_ALWAYS: Final = datetime(9999, 1, 1, tzinfo=UTC)

_OF_MODE: Final[Mapping[str, Medium.Want]] = {
    Mode.NEVER: Want.NOTHING,
    Mode.METADATA: Want.NOTHING,
    Mode.THUMBNAILS: Want.THUMBNAIL,
    Mode.ALL: Want.FILE,
}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _fits_any(mime: str, patterns: tuple[str, ...]) -> bool:
    """Whether a type is one that is named, or of a family (`image/*`)."""
    return any(mime.startswith(one[:-1]) if one.endswith("/*") else mime == one for one in patterns)


def default_mime(kind: str) -> str:
    """What Telegram does not say: a photo is a JPEG."""
    return "image/jpeg" if kind == "photo" else ""


def policy_of(channel: Channel) -> MediaPolicy | None:
    """The channel's own policy, else its workspace's, else none."""
    rows = MediaPolicy.objects.filter(workspace_id=channel.workspace_id)
    own, common = None, None
    for row in rows.filter(channel=channel) | rows.filter(channel=None):
        if row.channel_id:
            own = row
        else:
            common = row
    return own or common


def wish_of(channel: Channel) -> Wish:
    return Wish.of(policy_of(channel))


@dataclass(frozen=True, slots=True)
class Described:
    """What a record says of its file."""

    kind: str
    remote_id: int
    size: int | None
    mime: str
    name: str
    width: int | None
    height: int | None
    duration: float | None


def described(kind: str, meta: Mapping[str, Any] | None) -> Described | None:
    """The file of a message, None where it carries none that can be downloaded.

    One that destroys itself (`ttl_seconds`) is nobody's to keep.
    """
    found = of_file(kind, meta)
    return found if found and found.remote_id != UNNAMED else None


def of_file(kind: str, meta: Mapping[str, Any] | None) -> Described | None:
    """The same where its source may not know Telegram's id of it (`UNNAMED`)."""
    if not meta or kind not in _KINDS or "ttl_seconds" in meta:
        return None
    text = meta.get("id")
    named = isinstance(text, str) and text.lstrip("-").isdigit()
    return Described(
        kind,
        int(str(text)) if named else UNNAMED,
        _whole(meta.get("size")),
        str(meta.get("mime") or ""),
        str(meta.get("file_name") or ""),
        _whole(meta.get("width")),
        _whole(meta.get("height")),
        float(meta["duration"]) if isinstance(meta.get("duration"), int | float) else None,
    )


def of_record(record: MessageRecord) -> Described | None:
    return described(record.kind, record.media_meta)


_KINDS: Final = frozenset(KINDS)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
