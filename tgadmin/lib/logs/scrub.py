"""Taking secrets out of text, by what they look like and by what they are.

What is decrypted in this process is remembered (`tgadmin.lib.crypto` calls `hide`), so that it is
found even where it looks like nothing in particular.
"""

import re
import threading
from collections import OrderedDict
from functools import cache

import orjson

HIDDEN = "[hidden]"

#: Shorter than a login code of Telegram, nothing can be found without taking half of the words.
_SHORTEST = 5
#: Secrets remembered at a time: the oldest are forgotten, so that memory stays flat.
_MOST = 512

_NAMES = (
    r"(?:api[_-]?hash|phone[_-]?code(?:[_-]?hash)?|pass(?:word|wd|phrase)?|secret(?:[_-]?key)?"
    r"|session(?:[_-]?string|id)?|(?:bot|access|auth|csrf\w*)?[_-]?token|encryption[_-]?keys?"
    r"|authorization|cookie)"
)
#: Names of what is secret in the arguments of a call, which are encrypted as one JSON text.
_SECRET_FIELDS = {"code", "password", "phone_code_hash", "api_hash", "session", "token", "secret"}

_PATTERNS = (
    # Telethon's StringSession: a version and base64 of data centre, address, port and key
    # (263 bytes with an IPv4 address, 275 with an IPv6 one), telethon/sessions/string.py.
    (re.compile(r"(?<![\w-])1[\w-]{350,368}={0,2}"), HIDDEN),
    # A bot's token: https://core.telegram.org/bots/api#authorizing-your-bot
    (re.compile(r"(?<!\d)\d{6,12}:[\w-]{35}(?![\w-])"), HIDDEN),
    # A Fernet token, and a Fernet key (32 bytes, URL-safe base64).
    (re.compile(r"gAAAAA[\w-]{40,}={0,2}"), HIDDEN),
    (re.compile(r"(?<![\w-])[\w-]{43}=(?![\w=])"), HIDDEN),
    # The addresses of an invite and of a new password, which Django names when it refuses them.
    (re.compile(r"(/join/|/password/[\w-]+/)[\w-]{20,}"), rf"\1{HIDDEN}"),
    # Of a proxy, a database or a queue: scheme://user:password@host
    (
        re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*:)[^\s/@'\"]+(?=@)", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
    # name=value, "name": "value", name: value
    (
        re.compile(
            rf"(\b{_NAMES}\b['\"]?\s*[:=]\s*)(?!{re.escape(HIDDEN)})(?:b?'[^']+'|b?\"[^\"]+\"|[^\s,;'\")}}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
)

_known: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def hide(secret: str) -> None:
    """Let no text hold this from now on. Of a JSON object, the values with secret names."""
    if secret.startswith("{"):
        for value in _secrets_of(secret):
            hide(value)
        return
    if len(secret) < _SHORTEST:
        return
    with _lock:
        if secret in _known:
            return
        _known[secret] = None
        while len(_known) > _MOST:
            _known.popitem(last=False)


def scrub(text: str) -> str:
    """The text with `[hidden]` in place of each secret."""
    with _lock:
        known = tuple(_known)
    if known:
        text = _known_pattern(known).sub(HIDDEN, text)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


@cache
def _compiled(known: tuple[str, ...]) -> re.Pattern[str]:
    """The longest first: one may begin with another. A whole word, so that a code of five
    digits is not found within a longer number.
    """
    words = sorted(known, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")


def _known_pattern(known: tuple[str, ...]) -> re.Pattern[str]:
    if _compiled.cache_info().currsize > 8:
        _compiled.cache_clear()
    return _compiled(known)


def _secrets_of(text: str) -> list[str]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return [
        value
        for name, value in found.items()
        if name in _SECRET_FIELDS and isinstance(value, str) and len(value) >= _SHORTEST
    ]
