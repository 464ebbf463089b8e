"""The server's RSA key (https://core.telegram.org/mtproto/auth_key)."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.mtproto.tlbytes import int_bytes, tl_bytes

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class ServerKey:
    """A key pair; `public_pem` is PKCS#1, as clients are given it."""

    private: rsa.RSAPrivateKey

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
        )

    @property
    def fingerprint(self) -> int:
        """The lower 64 bits of the SHA-1 of the bare TL key."""
        numbers = self.private.public_key().public_numbers()
        data = tl_bytes(int_bytes(numbers.n)) + tl_bytes(int_bytes(numbers.e))
        digest = hashlib.sha1(data, usedforsecurity=False).digest()
        return int.from_bytes(digest[-8:], "little", signed=True)

    def decrypt(self, data: bytes) -> bytes:
        """Raw RSA, 255 bytes: a SHA-1, the data it is of, and padding."""
        private = self.private.private_numbers()
        n = private.public_numbers.n
        return pow(int.from_bytes(data, "big"), private.d, n).to_bytes(256, "big")[1:]


def load(directory: Path) -> ServerKey:
    """The key of a data directory, made the first time; the private half is 0600."""
    private_path, public_path = directory / "server_key.pem", directory / "public_key.pem"
    if private_path.exists():
        loaded = serialization.load_pem_private_key(private_path.read_bytes(), None)
        if not isinstance(loaded, rsa.RSAPrivateKey):
            raise TypeError(f"{private_path} is not an RSA key")
        key = ServerKey(loaded)
    else:
        key = ServerKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))
        pem = key.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        temporary = private_path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        temporary.rename(private_path)
    public_path.write_bytes(key.public_pem)
    return key
