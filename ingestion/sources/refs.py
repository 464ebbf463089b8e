"""How a person writes a channel: a name, a number, a link of any kind.

The forms of links: https://core.telegram.org/api/links
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from ingestion.errors import InputError

_HOSTS: Final = frozenset({"t.me", "www.t.me", "telegram.me", "telegram.dog", "telegram.org"})
_WEB_CLIENTS: Final = frozenset({"web.telegram.org", "webk.telegram.org", "webz.telegram.org"})
#: https://core.telegram.org/method/account.checkUsername; names of four letters are sold on
#: Fragment and exist.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_SUBDOMAIN: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{3,31})\.t\.me")
_HASH: Final = re.compile(r"[A-Za-z0-9_-]{6,64}")
#: First path parts of t.me links that lead to something else than a channel.
_NOT_CHANNELS: Final = frozenset(
    {
        "addemoji", "addlist", "addstickers", "addtheme", "bg", "boost", "confirmphone",
        "contact", "giftcode", "invoice", "iv", "login", "m", "nft", "proxy", "setlanguage",
        "share", "socks",
    }
)  # fmt: skip
#: https://core.telegram.org/api/bots/ids: bare ids of channels, and where their marked form begins.
_MARK: Final = 1_000_000_000_000
_HIGHEST_ID: Final = 997_852_516_352

_EXAMPLE: Final = "Write its @name or its link, for example @telegram or https://t.me/telegram."


@dataclass(frozen=True, slots=True)
class Username:
    """A public name, as written and without "@"; case does not matter to Telegram."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class PeerId:
    """A channel's number, in the marked form (-100…), or a basic group's (-…). It leads there only for an account that
    knows the channel.
    """

    marked: int

    def __str__(self) -> str:
        return str(self.marked)


@dataclass(frozen=True, slots=True)
class Invite:
    """The secret part of an invite link (https://core.telegram.org/api/invites)."""

    hash: str

    def __str__(self) -> str:
        return f"https://t.me/+{self.hash}"


#: `str()` of each is a form that `parse_ref` takes.
ChannelRef = Username | PeerId | Invite


@dataclass(frozen=True, slots=True)
class Line:
    """What a line that somebody wrote leads to: `ref`, or `error` in words, never both."""

    text: str
    ref: ChannelRef | None = None
    error: InputError | None = None


def parse_many(text: str) -> list[Line]:
    """One result for each line that is not blank, in order; commas part them, too.

    What stands there a second time, in whatever form, has the error REPEATED.
    """
    lines: list[Line] = []
    seen: dict[ChannelRef, str] = {}
    for part in _parts(text):
        try:
            ref = parse_ref(part)
        except InputError as error:
            lines.append(Line(part, error=error))
            continue
        first = seen.get(_same(ref))
        lines.append(Line(part, ref) if first is None else Line(part, error=_repeated(part, first)))
        seen.setdefault(_same(ref), part)
    return lines


def parse_ref(text: str) -> ChannelRef:
    """What one channel is written as leads to.

    Takes `@name`, `name`, `https://t.me/name`, `t.me/name/123`, `t.me/s/name`, `name.t.me` and
    `tg://resolve?domain=name`; the numbers `-1001234567890` and `1234567890`,
    `t.me/c/1234567890/55` and `tg://privatepost?channel=1234567890`; `t.me/+hash`,
    `t.me/joinchat/hash` and `tg://join?invite=hash`; addresses of web.telegram.org.
    Raises InputError, in words, for everything else.
    """
    ref = text.strip()
    if not ref:
        raise InputError("CHANNEL_EMPTY", "No channel was named.", _EXAMPLE)
    if ref.startswith("tg:"):
        return _from_tg_link(ref, text)
    if "/" in ref or "." in ref:
        return _from_web_link(ref, text)
    if ref.startswith("+"):
        return _invite(ref[1:], ref)
    if re.fullmatch(r"-?\d+", ref, re.ASCII):
        return _number(ref)
    return _name(ref.removeprefix("@"), text)


def parse_message(text: str) -> tuple[Username | PeerId, int] | None:
    """The channel and the number that a message's link leads to
    (https://core.telegram.org/api/links#message-links); None for everything else.
    """
    ref = text.strip()
    try:
        number = _number_in(ref)
        channel = parse_ref(ref) if number else None
    except InputError:
        return None
    return None if channel is None or isinstance(channel, Invite) else (channel, number)


def _number_in(ref: str) -> int:
    """Of a link; 0 where there is none. What stands before it is a topic or a thread."""
    if ref.startswith("tg:"):
        last = parse_qs(_split(ref, ref).query).get("post", [""])[0]
    else:
        link = _split(ref if "://" in ref else f"https://{ref}", ref)
        parts = [part for part in link.path.split("/") if part]
        named = 0 if _SUBDOMAIN.fullmatch((link.hostname or "").lower()) else 1
        named += parts[:1] in (["c"], ["s"])
        last = parts[-1] if len(parts) > named else ""
    return int(last) if re.fullmatch(r"\d{1,10}", last, re.ASCII) else 0


def _parts(text: str) -> Iterator[str]:
    for line in re.split(r"[\n\r,]", text):
        if part := line.strip():
            yield part


def _same(ref: ChannelRef) -> ChannelRef:
    """The same for all forms that lead to the same channel."""
    return Username(ref.name.casefold()) if isinstance(ref, Username) else ref


def _from_tg_link(ref: str, text: str) -> ChannelRef:
    link = _split(ref, ref)
    action = link.netloc or link.path.lstrip("/")
    query = parse_qs(link.query)
    if "invite" in query:
        return _invite(query["invite"][0], ref)
    if action == "privatepost" and "channel" in query:
        return _bare(query["channel"][0], ref)
    if action != "resolve" or "domain" not in query:
        raise _not_a_channel(ref)
    return _name(query["domain"][0], text)


def _from_web_link(ref: str, text: str) -> ChannelRef:
    link = _split(ref if "://" in ref else f"https://{ref}", ref)
    host = (link.hostname or "").lower()
    parts = [part for part in link.path.split("/") if part]
    if link.scheme not in {"http", "https"}:
        raise _not_a_channel(ref)
    if own := _SUBDOMAIN.fullmatch(host):
        return _name(own[1].replace("-", "_"), text)
    if host in _WEB_CLIENTS:
        return _from_web_client(link.fragment, ref, text)
    if host not in _HOSTS or not parts:
        raise _not_a_channel(ref)
    return _from_path(parts, ref, text)


def _from_path(parts: list[str], ref: str, text: str) -> ChannelRef:
    first, second = parts[0], parts[1] if len(parts) > 1 else ""
    if first.startswith("+"):
        return _invite(first[1:], ref)
    if first == "joinchat" and second:
        return _invite(second, ref)
    if first == "c" and second:
        return _bare(second, ref)
    if first == "s" and second:
        return _name(second, text)
    if first.lower() in {*_NOT_CHANNELS, "c", "joinchat"} or first.startswith("$"):
        raise _not_a_channel(ref)
    return _name(first.removeprefix("@"), text)


def _from_web_client(fragment: str, ref: str, text: str) -> ChannelRef:
    """`#@name`, `#-1001234567890` (version A) or `#-1234567890` (version K)."""
    if re.fullmatch(r"-100\d{10,}", fragment, re.ASCII):
        return _number(fragment)
    if re.fullmatch(r"-\d+", fragment, re.ASCII):
        return _bare(fragment[1:], ref)
    if fragment.startswith("@"):
        return _name(fragment[1:], text)
    raise _not_a_channel(ref)


def _split(address: str, ref: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        raise _not_a_channel(ref) from None


def _number(ref: str) -> PeerId:
    """A marked id, one without its minus, a bare one, or a short one after "-100"."""
    value = abs(int(ref[:20]))
    if _MARK < value <= _MARK + _HIGHEST_ID:
        return PeerId(-value)
    if ref.startswith("-100"):
        return _bare(ref[4:], ref)
    if ref.startswith("-") and 0 < value < _MARK:
        return PeerId(-value)  # a basic group
    return _bare(ref, ref)


def _bare(digits: str, ref: str) -> PeerId:
    number = int(digits[:20]) if re.fullmatch(r"\d+", digits, re.ASCII) else 0
    if not 0 < number <= _HIGHEST_ID:
        raise InputError(
            "NOT_A_CHANNEL_NUMBER",
            "“%(ref)s” has no number that a channel could have.",
            "Numbers of channels look like -1001234567890 or 1234567890.",
            ref=ref[:60],
        )
    return PeerId(-_MARK - number)


def _name(name: str, text: str) -> Username:
    if _NAME.fullmatch(name):
        return Username(name)
    shown = text.strip()[:60]
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,2}", name):
        raise InputError(
            "CHANNEL_NAME_SHORT",
            "“%(ref)s” is too short: names on Telegram have at least 4 characters.",
            _EXAMPLE,
            ref=shown,
        )
    raise InputError(
        "CHANNEL_NAME_INVALID",
        "“%(ref)s” is no name of a channel: names have 4 to 32 Latin letters, digits and "
        "underscores, and begin with a letter.",
        _EXAMPLE,
        ref=shown,
    )


def _invite(secret: str, ref: str) -> Invite:
    # https://core.telegram.org/api/links#phone-number-links: digits alone are somebody's number.
    if re.sub(r"[\s()-]", "", secret).isdecimal():
        raise InputError(
            "PHONE_NUMBER",
            "“%(ref)s” is a phone number, and leads to a person.",
            _EXAMPLE,
            ref=ref[:60],
        )
    if not _HASH.fullmatch(secret):
        raise InputError(
            "INVITE_LINK_INVALID",
            "“%(ref)s” is no whole invite link.",
            "Copy the link again, with everything after the +.",
            ref=ref[:60],
        )
    return Invite(secret)


def _repeated(part: str, first: str) -> InputError:
    if part == first:
        return InputError("REPEATED", "“%(ref)s” stands here twice.", ref=part[:60])
    return InputError(
        "REPEATED",
        "“%(ref)s” stands here twice, above as “%(first)s”.",
        ref=part[:60],
        first=first[:60],
    )


def _not_a_channel(ref: str) -> InputError:
    return InputError(
        "NOT_A_CHANNEL_LINK",
        "“%(ref)s” does not lead to a channel.",
        _EXAMPLE,
        ref=ref[:60],
    )
