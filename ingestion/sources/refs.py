"""How a person writes a channel: @name, name or a t.me link."""

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ingestion.errors import InputError

_HOSTS: Final = frozenset({"t.me", "www.t.me", "telegram.me", "telegram.dog", "telegram.org"})
#: https://core.telegram.org/method/account.checkUsername; names of four letters are sold on
#: Fragment and exist.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_SUBDOMAIN: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{3,31})\.t\.me")
#: First path parts of t.me links that lead to something else than a channel.
_NOT_CHANNELS: Final = frozenset(
    {
        "addemoji", "addlist", "addstickers", "addtheme", "bg", "boost", "c", "confirmphone",
        "contact", "giftcode", "invoice", "iv", "login", "m", "nft", "proxy", "setlanguage",
        "share", "socks",
    }
)  # fmt: skip

_EXAMPLE: Final = "Write its @name or its link, for example @telegram or https://t.me/telegram."


def parse_channel_ref(text: str) -> str:
    """Return the channel's name, as written and without "@".

    Takes `@name`, `name`, `https://t.me/name`, `t.me/name/123`, `t.me/s/name`, `name.t.me` and
    `tg://resolve?domain=name`. Raises InputError, in words, for everything else.
    """
    ref = text.strip()
    if not ref:
        raise InputError("CHANNEL_EMPTY", "No channel was named.", _EXAMPLE)
    if ref.startswith("tg:"):
        return _name(_from_tg_link(ref), text)
    if "/" in ref or "." in ref:
        return _name(_from_web_link(ref), text)
    if ref.startswith("+") or ref.lstrip("-").isdecimal():
        raise InputError(
            "CHANNEL_NUMBER",
            f"“{ref}” is a number, and Telegram finds channels by their names only.",
            _EXAMPLE,
        )
    return _name(ref.removeprefix("@"), text)


def _from_tg_link(ref: str) -> str:
    link = urlsplit(ref)
    action = link.netloc or link.path.lstrip("/")
    query = parse_qs(link.query)
    if action == "join" or "invite" in query:
        raise _invite()
    if action != "resolve" or "domain" not in query:
        raise _not_a_channel(ref)
    return query["domain"][0]


def _from_web_link(ref: str) -> str:
    try:
        link = urlsplit(ref if "://" in ref else f"https://{ref}")
    except ValueError:
        raise _not_a_channel(ref) from None
    host = (link.hostname or "").lower()
    parts = [part for part in link.path.split("/") if part]
    if link.scheme not in {"http", "https"}:
        raise _not_a_channel(ref)
    if own := _SUBDOMAIN.fullmatch(host):
        return own[1].replace("-", "_")
    if host not in _HOSTS or not parts:
        raise _not_a_channel(ref)
    first = parts[0]
    if first.startswith("+") or first == "joinchat":
        raise _invite()
    if first == "s" and len(parts) > 1:
        return parts[1]
    if first == "c":
        raise InputError(
            "PRIVATE_LINK",
            "This link leads to a private channel; only its members can follow it.",
            "Channels without a public name cannot be added yet.",
        )
    if first.lower() in _NOT_CHANNELS or first.startswith("$"):
        raise _not_a_channel(ref)
    return first.removeprefix("@")


def _name(name: str, text: str) -> str:
    if _NAME.fullmatch(name):
        return name
    shown = text.strip()[:60]
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,2}", name):
        raise InputError(
            "CHANNEL_NAME_SHORT",
            f"“{shown}” is too short: names on Telegram have at least 4 characters.",
            _EXAMPLE,
        )
    raise InputError(
        "CHANNEL_NAME_INVALID",
        f"“{shown}” is no name of a channel: names have 4 to 32 Latin letters, digits and "
        "underscores, and begin with a letter.",
        _EXAMPLE,
    )


def _invite() -> InputError:
    return InputError(
        "INVITE_LINK",
        "This is an invite link to a private channel; such links are not supported yet.",
        "Channels without a public name cannot be added yet.",
    )


def _not_a_channel(ref: str) -> InputError:
    return InputError("NOT_A_CHANNEL_LINK", f"“{ref[:60]}” does not lead to a channel.", _EXAMPLE)
