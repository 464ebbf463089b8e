"""How an MTProxy is spoken to that pretends to be a website (secrets that begin with `ee`).

To whoever watches it is TLS 1.3 with the website that the secret names. The client's hello carries
in its 32 random bytes an HMAC of itself under the secret, mixed with the time, by which the proxy
knows its own; its answer is signed in the same way. All that follows is ordinary MTProxy traffic in
records of application data. Source: Telegram's own clients
(https://github.com/tdlib/td/blob/master/td/mtproto/TlsInit.cpp).
"""

import asyncio
import hashlib
import hmac
import os
import struct
import time
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ingestion.errors import TransientError

_HANDSHAKE: Final = 0x16
_CHANGE_CIPHER: Final = 0x14
_DATA: Final = 0x17
#: Of a record: its type, the version, and how long it is.
_HEAD: Final = 5
#: Where the random bytes stand in a hello, of the client and of the server alike.
_RANDOM: Final = slice(11, 43)
#: What browsers fill their hello up to (RFC 7685), the head of its record included.
_HELLO: Final = 517
#: The most that one record may hold (RFC 8446, 5.1), and the most that is believed of an answer.
_RECORD: Final = 16_384
_MOST: Final = _RECORD + 256

#: In the order in which browsers offer them: TLS 1.3 first.
_CIPHERS: Final = bytes.fromhex("130113021303c02bc02fc02cc030cca9cca8c013c014009c009d002f0035")


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">HH", kind, len(body)) + body


def _listed(body: bytes) -> bytes:
    return struct.pack(">H", len(body)) + body


def client_hello(secret: bytes, domain: bytes, now: int) -> bytes:
    """The record that a browser would send to `domain`, signed with the secret (16 bytes)."""
    key = X25519PrivateKey.generate().public_key().public_bytes_raw()
    extensions = b"".join(
        (
            _extension(0x0000, _listed(b"\x00" + _listed(domain))),  # server_name
            _extension(0x0017, b""),  # extended_master_secret
            _extension(0xFF01, b"\x00"),  # renegotiation_info
            _extension(0x000A, _listed(bytes.fromhex("001d00170018"))),  # supported_groups
            _extension(0x000B, bytes.fromhex("0100")),  # ec_point_formats
            _extension(0x0023, b""),  # session_ticket
            _extension(0x0010, _listed(b"\x02h2\x08http/1.1")),  # application protocols
            _extension(0x0005, bytes.fromhex("0100000000")),  # status_request
            _extension(  # signature_algorithms
                0x000D, _listed(bytes.fromhex("04030804040105030805050108060601"))
            ),
            _extension(0x0033, _listed(b"\x00\x1d" + _listed(key))),  # key_share
            _extension(0x002D, bytes.fromhex("0101")),  # psk_key_exchange_modes
            _extension(0x002B, bytes.fromhex("0403040303")),  # supported_versions
        )
    )
    begin = b"\x03\x03" + bytes(32) + b"\x20" + os.urandom(32) + _listed(_CIPHERS) + b"\x01\x00"
    # The heads of the record, of the handshake, of the extensions and of the padding itself.
    short = _HELLO - (_HEAD + 4 + len(begin) + 2 + len(extensions) + 4)
    extensions += _extension(0x0015, bytes(max(short, 0)))
    body = begin + _listed(extensions)
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    hello = bytearray(b"\x16\x03\x01" + _listed(handshake))
    digest = bytearray(hmac.digest(secret, bytes(hello), hashlib.sha256))
    digest[28:] = (int.from_bytes(digest[28:], "little") ^ now).to_bytes(4, "little")
    hello[_RANDOM] = digest
    return bytes(hello)


async def _record(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next record: its type, and all of it."""
    head = await reader.readexactly(_HEAD)
    size = int.from_bytes(head[3:], "big")
    if head[1:3] != b"\x03\x03" or size > _MOST:
        raise ConnectionError("The proxy answers something that is no TLS record.")
    return head[0], head + await reader.readexactly(size)


async def shake_hands(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, secret: bytes, domain: bytes
) -> None:
    """Say hello, and see that the answer comes from who knows the secret.

    Raises TransientError MTPROXY_REFUSED where it does not: such a proxy hands whoever does not know
    its secret on to the website that it pretends to be.
    """
    hello = client_hello(secret, domain, int(time.time()))
    writer.write(hello)
    await writer.drain()
    answer = bytearray()
    try:
        for expected in (_HANDSHAKE, _CHANGE_CIPHER, _DATA):
            kind, record = await _record(reader)
            answer += record
            if kind != expected:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        answer.clear()
    signed = bytes(answer[_RANDOM])
    answer[_RANDOM] = bytes(len(signed))
    right = hmac.digest(secret, hello[_RANDOM] + bytes(answer), hashlib.sha256)
    if not hmac.compare_digest(signed, right):
        raise TransientError(
            "MTPROXY_REFUSED",
            "The MTProxy does not know the secret that it was greeted with.",
            "Copy the secret from the proxy's link once more, and check that the clock of this "
            "machine is right: a proxy refuses greetings that are minutes old.",
        )


class RecordReader:
    """What comes in records of application data, as a stream."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._left = bytearray()

    async def readexactly(self, size: int) -> bytes:
        while len(self._left) < size:
            kind, record = await _record(self._reader)
            if kind == _DATA:
                self._left += record[_HEAD:]
            elif kind != _CHANGE_CIPHER:
                raise ConnectionError("The proxy ended the connection.")
        taken = bytes(self._left[:size])
        del self._left[:size]
        return taken

    def at_eof(self) -> bool:
        return not self._left and self._reader.at_eof()


class RecordWriter:
    """Sends in records of application data; all else is the writer's own."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        #: Browsers send it once, before their first data (RFC 8446, D.4).
        self._first = b"\x14\x03\x03\x00\x01\x01"

    def write(self, data: bytes) -> None:
        out, self._first = bytearray(self._first), b""
        for at in range(0, len(data), _RECORD):
            out += b"\x17\x03\x03" + _listed(bytes(data[at : at + _RECORD]))
        self._writer.write(bytes(out))

    async def drain(self) -> None:
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    async def wait_closed(self) -> None:
        await self._writer.wait_closed()
