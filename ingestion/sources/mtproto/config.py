"""How to reach Telegram and as whom. No Telethon in it: the web process may import it."""

import base64
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Credentials:
    """An application (https://my.telegram.org) and a login of it.

    `session` is a Telethon string session; empty before the first login.
    """

    api_id: int
    api_hash: str = field(repr=False)
    session: str = field(default="", repr=False)


def session_dc(text: str) -> int:
    """The data centre of a Telethon string session.

    It is "1" and, in URL-safe base64, the number of the data centre, its address (4 or 16 bytes),
    its port and the key of 256 bytes. Raises ValueError.
    """
    if not text.startswith("1"):
        raise ValueError("a string session begins with 1")
    packed = base64.b64decode(text[1:], altchars=b"-_", validate=True)
    if len(packed) not in {263, 275} or not any(packed[-256:]):
        raise ValueError("the length is not that of a session")
    return packed[0]


@dataclass(frozen=True, slots=True)
class TelegramServer:
    """Another server than Telegram's own: the sandbox, or Telegram's test servers.

    `public_key_path` names its RSA key (PKCS#1 PEM); None where it is one of Telegram's.
    """

    dc_id: int
    host: str
    port: int
    public_key_path: Path | None = None

    @classmethod
    def parse(cls, address: str, public_key_path: Path | None = None) -> "TelegramServer":
        """Read `<dc id>:<host>:<port>`, as TELEGRAM_DC has it; IPv6 hosts stand in brackets.

        Raises ValueError with a sentence.
        """
        dc_id, _, rest = address.partition(":")
        host, _, port = rest.rpartition(":")
        if not (dc_id.isdecimal() and port.isdecimal() and host):
            raise ValueError(f"“{address}” is not of the form <dc id>:<host>:<port>.")
        return cls(int(dc_id), host.strip("[]"), int(port), public_key_path)
