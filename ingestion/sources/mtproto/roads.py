"""How a connection reaches Telegram: transport, port, proxy. No Telethon in it: the web process
reads what people type.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from ingestion.errors import InputError

#: The ports that Telegram's data centres answer at.
PORTS: Final = (443, 80)


@dataclass(frozen=True, slots=True)
class Road:
    """One way to speak over TCP (https://core.telegram.org/mtproto/mtproto-transports); `port` in
    place of Telegram's 443.
    """

    transport: str
    port: int = 443

    def __str__(self) -> str:
        return f"{self.transport}:{self.port}"


#: What is tried in turn when nobody chose: the usual one, one that looks like nothing, and another
#: port for networks that let only the web through.
AUTOMATIC: Final = (Road("full"), Road("obfuscated"), Road("intermediate", 80))
TRANSPORTS: Final = ("full", "abridged", "intermediate", "obfuscated")


@dataclass(frozen=True, slots=True)
class ProxyServer:
    """Somebody who passes on what is sent. `kind` is socks5, http or mtproxy.

    `address` is what `host` leads to, looked up by whoever checked it; empty: `host` itself.
    """

    kind: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    address: str = ""

    @property
    def connects_to(self) -> str:
        return self.address or self.host


@dataclass(frozen=True, slots=True)
class Way:
    """How an account reaches Telegram. With `first`, the automatic choice begins with what worked."""

    proxy: ProxyServer | None = None
    transport: str = "automatic"
    port: int = 443
    ipv6: bool = False
    first: str = ""
    #: Seconds for one attempt to open a socket, and how many there are.
    connect_timeout: float = 10.0
    attempts: int = 2

    def roads(self) -> list[Road]:
        """What is tried, in this order; through an MTProxy there is but one."""
        if self.proxy is not None and self.proxy.kind == "mtproxy":
            return [Road("mtproxy")]
        if self.transport != "automatic":
            return [Road(self.transport, self.port)]
        return sorted(AUTOMATIC, key=lambda road: str(road) != self.first)


@dataclass(frozen=True, slots=True)
class Secret:
    """What an MTProxy is greeted with."""

    #: 16 bytes.
    key: bytes = field(repr=False)
    #: Packets are of random lengths (`dd` and `ee`).
    padded: bool = False
    #: The website that the proxy pretends to be (`ee`); empty: it pretends nothing.
    domain: bytes = b""


def mtproxy_secret(text: str) -> Secret:
    """The secret of an MTProxy, written as hex or base64.

    16 bytes, `dd` and 16 bytes, or `ee`, 16 bytes and the name of a website
    (https://core.telegram.org/api/links#mtproxy-links). Raises InputError.
    """
    raw = _bytes_of(re.sub(r"\s", "", text))
    if len(raw) == 16:
        return Secret(raw)
    if len(raw) == 17 and raw[:1] == b"\xdd":
        return Secret(raw[1:], padded=True)
    if raw[:1] == b"\xee" and re.fullmatch(rb"[A-Za-z0-9.-]{1,182}", raw[17:]):
        return Secret(raw[1:17], padded=True, domain=raw[17:])
    raise InputError(
        "MTPROXY_SECRET_INVALID",
        "That is no secret of an MTProxy.",
        "It is 32 characters, 0 to 9 and a to f; or dd and such 32 characters; or ee, 32 "
        "characters and what stands for a website. Copy it from the proxy's link, where it stands "
        "after secret=.",
    )


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        padded = text + "=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
