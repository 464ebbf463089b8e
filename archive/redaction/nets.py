"""E-mail addresses, addresses of machines, and @mentions."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from archive.redaction.kinds import Kind, Span

#: Letters of any script (RFC 6531); the last label has no digit alone, as `12.5` has.
_EMAIL: Final = re.compile(
    r"(?<![\w.+%@/-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+"
    r"(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})(?![\w@])"
)
#: What people write so that machines do not read it.
_SHY_EMAIL: Final = re.compile(
    r"(?<![\w.])[\w.+-]{1,64} ?[\[({] ?(?:at|собака) ?[\])}] ?[\w-]+(?:(?:\.| ?[\[({] ?(?:dot|точка) ?[\])}] ?)[\w-]+)*"
    r"(?:\.| ?[\[({] ?(?:dot|точка) ?[\])}] ?)[^\W\d_]{2,24}(?!\w)",
    re.IGNORECASE,
)
_SHY: Final = re.compile(r" ?[\[({] ?(at|собака|dot|точка) ?[\])}] ?", re.IGNORECASE)

_IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d|[.]\w)")
#: What stands in front of a version or a chapter, which are written the same way.
_NO_ADDRESS: Final = re.compile(
    r"(?:\bv\.?|\bver(?:sion|sione|são|sión)?\.?|верси[яию]|firmware|прошивк\w+|build|сборк\w+|release|§|section|chapter|"
    r"раздел\w*|пункт\w*|п\.|глав\w+|[^/\s]/|драйвер\w*|driver|chrome|android|ios|バージョン|版本)[ :#]*$",
    re.IGNORECASE,
)
_IPV6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:|::)(?:[0-9A-Fa-f]{0,4}:){1,7}"
    r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4})?(?:%\w+)?(?![\w:]|\.\d)"
)
#: `a::b` is what programs write, too.
_FEWEST_GROUPS: Final = 3
_LONG_GROUP: Final = 3

#: https://core.telegram.org/method/account.checkUsername: 5 to 32 of these, four where bought.
_MENTION: Final = re.compile(r"(?<![\w@./:])@([A-Za-z][A-Za-z0-9_]{3,31})(?![\w@]|\.\w)")
#: Words behind an @ that are a program's.
_CODE: Final = frozenset(
    {
        "media", "import", "charset", "supports", "keyframes", "font", "page", "property", "override", "deprecated", "param",
        "return", "returns", "author", "throws", "staticmethod", "classmethod", "dataclass",
        "contextmanager", "pytest", "autowired", "nullable", "notnull", "test", "todo", "latest", "types",
        "everyone", "here", "channel", "interface", "component", "injectable",
    }
)  # fmt: skip


def emails(text: str) -> Iterator[Span]:
    for found in _EMAIL.finditer(text):
        start = found.start()
        value = found.group().lstrip(".'*`{|~=")
        if value[0] != "@" and ".." not in value:
            yield Span(Kind.EMAIL, found.end() - len(value), found.end(), value.casefold())
        elif start == found.end():  # pragma: no cover, a match is never empty
            return


def shy_emails(text: str) -> Iterator[Span]:
    """`name [at] host [dot] org`."""
    for found in _SHY_EMAIL.finditer(text):
        value = _SHY.sub(_said, found.group())
        yield Span(Kind.EMAIL, *found.span(), value.casefold())


def _said(found: re.Match[str]) -> str:
    return "@" if found.group(1).casefold() in {"at", "собака"} else "."


def ipv4s(text: str) -> Iterator[Span]:
    for found in _IPV4.finditer(text):
        before = text[max(found.start() - 20, 0) : found.start()]
        if _NO_ADDRESS.search(before):
            continue
        try:
            value = str(ipaddress.IPv4Address(found.group()))
        except ValueError:
            continue
        yield Span(Kind.IP, *found.span(), value)


def ipv6s(text: str) -> Iterator[Span]:
    for found in _IPV6.finditer(text):
        written = found.group().partition("%")[0]
        groups = [group for group in written.split(":") if group]
        if len(groups) < _FEWEST_GROUPS and max(map(len, groups), default=0) < _LONG_GROUP:
            continue
        try:
            value = str(ipaddress.IPv6Address(written))
        except ValueError:
            continue
        yield Span(Kind.IP, *found.span(), value)


def mentions(text: str) -> Iterator[Span]:
    for found in _MENTION.finditer(text):
        name = found.group(1).lower()
        if name not in _CODE:
            yield Span(Kind.MENTION, *found.span(), name)
