"""Making an auth key with a client (https://core.telegram.org/mtproto/auth_key)."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Any

from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from sandbox.mtproto import cipher
from sandbox.mtproto.tlbytes import int_bytes

if TYPE_CHECKING:
    from sandbox.mtproto.keys import ServerKey

G = 3
# The safe prime that Telegram's servers use, which clients know to be good.
DH_PRIME = int(
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F48198A0AA7C14058229493D2"
    "2530F4DBFA336F6E0AC925139543AED44CCE7C3720FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454"
    "F18FAF8C595F642477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4A4A695811051"
    "907E162753B56B0F6B410DBA74D8A84B2A14B3144E0EF1284754FD17ED950D5965B4B9DD46582DB1178D169C6B"
    "C465B0D6FF9CA3928FEF5B9AE4E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F"
    "0D8115F635B105EE2E4E15D04B2454BF6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)


class HandshakeError(ValueError):
    """A step of the exchange that does not fit the one before."""


def _prime() -> int:
    """A small prime: clients have to factor the product."""
    while True:
        number = (1 << 20) | secrets.randbelow(1 << 20) | 1
        if all(number % divisor for divisor in range(3, 1_450, 2)):
            return number


def _nonce_bytes(nonce: int, size: int) -> bytes:
    return nonce.to_bytes(size, "little", signed=True)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


class Handshake:
    """One connection's exchange; `answer` takes and gives unencrypted TL.

    When it is over, `auth_key` and `first_salt` are set.
    """

    def __init__(self, server_key: ServerKey) -> None:
        self._server_key = server_key
        self._nonce = self._server_nonce = 0
        self._new_nonce = b""
        self._p = self._q = self._a = 0
        self.auth_key: bytes | None = None
        self.first_salt = 0

    def answer(self, data: bytes) -> bytes:
        """The answer to one of the three requests."""
        request = BinaryReader(data).tgread_object()
        if isinstance(request, (functions.ReqPqMultiRequest, functions.ReqPqRequest)):
            return bytes(self._offer(request))
        if request.nonce != self._nonce or request.server_nonce != self._server_nonce:
            raise HandshakeError("nonces differ from those of the first step")
        if isinstance(request, functions.ReqDHParamsRequest):
            return bytes(self._dh_params(request))
        if isinstance(request, functions.SetClientDHParamsRequest):
            return bytes(self._finish(request))
        raise HandshakeError(f"{type(request).__name__} is no part of the exchange")

    def _offer(self, request: Any) -> Any:
        self._nonce = request.nonce
        self._server_nonce = _number(os.urandom(16))
        self._p, self._q = sorted((_prime(), _prime()))
        return types.ResPQ(
            self._nonce,
            self._server_nonce,
            int_bytes(self._p * self._q),
            [self._server_key.fingerprint],
        )

    def _dh_params(self, request: Any) -> Any:
        if request.public_key_fingerprint != self._server_key.fingerprint:
            raise HandshakeError("encrypted for another server key")
        plain = self._server_key.decrypt(request.encrypted_data)
        inner = BinaryReader(plain[20:]).tgread_object()
        if plain[:20] != hashlib.sha1(bytes(inner), usedforsecurity=False).digest():
            raise HandshakeError("the hash of the inner data is wrong")
        if (inner.nonce, inner.server_nonce) != (self._nonce, self._server_nonce):
            raise HandshakeError("nonces inside differ")
        if sorted(int.from_bytes(x, "big") for x in (inner.p, inner.q)) != [self._p, self._q]:
            raise HandshakeError("pq was not factored")
        self._new_nonce = _nonce_bytes(inner.new_nonce, 32)
        self._a = secrets.randbits(2048)
        answer = bytes(
            types.ServerDHInnerData(
                self._nonce,
                self._server_nonce,
                G,
                int_bytes(DH_PRIME),
                int_bytes(pow(G, self._a, DH_PRIME)),
                int(time.time()),
            )
        )
        data = hashlib.sha1(answer, usedforsecurity=False).digest() + answer
        data += os.urandom(-len(data) % 16)
        key, iv = self._temporary()
        return types.ServerDHParamsOk(
            self._nonce, self._server_nonce, cipher.ige_encrypt(data, key, iv)
        )

    def _finish(self, request: Any) -> Any:
        key, iv = self._temporary()
        plain = cipher.ige_decrypt(request.encrypted_data, key, iv)
        inner = BinaryReader(plain[20:]).tgread_object()
        if plain[:20] != hashlib.sha1(bytes(inner), usedforsecurity=False).digest():
            raise HandshakeError("the hash of the client's data is wrong")
        g_b = int.from_bytes(inner.g_b, "big")
        margin = 1 << (2048 - 64)
        if not margin <= g_b <= DH_PRIME - margin:
            raise HandshakeError("g_b is not within its safe range")
        self.auth_key = pow(g_b, self._a, DH_PRIME).to_bytes(256, "big")
        salt = bytes(
            a ^ b
            for a, b in zip(
                self._new_nonce[:8], _nonce_bytes(self._server_nonce, 16)[:8], strict=True
            )
        )
        self.first_salt = _number(salt)
        aux = hashlib.sha1(self.auth_key, usedforsecurity=False).digest()[:8]
        digest = hashlib.sha1(self._new_nonce + b"\x01" + aux, usedforsecurity=False).digest()
        return types.DhGenOk(self._nonce, self._server_nonce, _number(digest[4:20]))

    def _temporary(self) -> tuple[bytes, bytes]:
        """The AES key and IV of the exchange itself."""
        new, server = self._new_nonce, _nonce_bytes(self._server_nonce, 16)

        def sha1(data: bytes) -> bytes:
            return hashlib.sha1(data, usedforsecurity=False).digest()

        first, second, third = sha1(new + server), sha1(server + new), sha1(new + new)
        return first + second[:12], second[12:] + third + new[:4]
