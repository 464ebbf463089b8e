"""Requests to other people's servers: never to private addresses, never without an end.

What a name leads to is looked up once, checked, and connected to by its number, so that it cannot
lead elsewhere a moment later; each redirection is checked again.
"""

import http.client
import ipaddress
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

MOST_REDIRECTS: Final = 4
LONGEST: Final = 8 * 2**20
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (compatible; tgadmin)",
    "Accept": "text/html,*/*;q=0.5",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en",
}


class OutboundError(Exception):
    """The request could not be made or answered; the text says why."""


class RefusedError(OutboundError):
    """It leads to an address that requests may not go to."""


@dataclass(frozen=True, slots=True)
class Response:
    """`url` is where redirections ended."""

    status: int
    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def get(url: str, *, allow_private: bool = False, timeout: float = 20) -> Response:
    """Fetch an http(s) address. Raises `OutboundError`; a status is no error."""
    deadline = time.monotonic() + 3 * timeout
    for _ in range(MOST_REDIRECTS + 1):
        response = _once(url, allow_private=allow_private, timeout=timeout, deadline=deadline)
        target = response.headers.get("location")
        if response.status not in _REDIRECTS or not target:
            return response
        url = urljoin(url, target)
    raise OutboundError(f"{url} was redirected too often")


def _once(url: str, *, allow_private: bool, timeout: float, deadline: float) -> Response:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError(f"{url} is no address of the web")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = resolve(parts.hostname, port, allow_private=allow_private)
        connection = _connect(parts.scheme, parts.hostname, port, address, timeout)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers=_HEADERS)
            answer = connection.getresponse()
            body = _read(answer, deadline)
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, url, body, headers)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, zlib.error) as error:
        raise OutboundError(f"{parts.hostname} did not answer: {error}") from error


def resolve(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to; all that a name leads to have to be public, else RefusedError."""
    found = [item[4][0] for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not allow_private:
        for text in found:
            if not ipaddress.ip_address(str(text).partition("%")[0]).is_global:
                raise RefusedError(f"{host} leads to {text}, which is no public address")
    return str(found[0])


def _connect(
    scheme: str, host: str, port: int, address: str, timeout: float
) -> http.client.HTTPConnection:
    connection: http.client.HTTPConnection = http.client.HTTPConnection(host, port, timeout=timeout)
    plain = socket.create_connection((address, port), timeout=timeout)
    if scheme == "https":
        connection.default_port = 443  # what the Host header leaves out
        plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    connection.sock = plain
    return connection


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """The body, unpacked; neither it nor the wait for it grows without an end."""
    unpack = zlib.decompressobj(31) if answer.getheader("Content-Encoding") == "gzip" else None
    parts: list[bytes] = []
    size = 0
    while block := answer.read1(64 * 1024):
        if unpack:
            block = unpack.decompress(block, LONGEST + 1)
        parts.append(block)
        size += len(block)
        if size > LONGEST:
            raise OutboundError(f"the answer is longer than {LONGEST // 2**20} MB")
        if time.monotonic() > deadline:
            raise OutboundError("the answer takes too long")
    return b"".join(parts)
