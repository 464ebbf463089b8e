"""Two-step verification: the server's half of SRP (https://core.telegram.org/api/srp)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache

from sandbox.mtproto.handshake import DH_PRIME, G

SIZE = 256


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _pad(number: int) -> bytes:
    return number.to_bytes(SIZE, "big")


@lru_cache(maxsize=32)
def verifier(password: str, salt1: bytes, salt2: bytes) -> int:
    """``v = g ^ x mod p`` of a password."""
    first = _sha256(salt1, password.encode(), salt1)
    second = _sha256(salt2, first, salt2)
    third = hashlib.pbkdf2_hmac("sha512", second, salt1, 100_000)
    return pow(G, int.from_bytes(_sha256(salt2, third, salt2), "big"), DH_PRIME)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the server remembers between account.getPassword and auth.checkPassword."""

    id: int
    b: int
    v: int
    salt1: bytes
    salt2: bytes

    @property
    def public(self) -> int:
        """``B = (k * v + g ^ b) mod p``."""
        return (_k() * self.v + pow(G, self.b, DH_PRIME)) % DH_PRIME

    def check(self, a: bytes, m1: bytes) -> bool:
        """Whether the client knows the password."""
        number = int.from_bytes(a, "big")
        if not 1 < number < DH_PRIME - 1:
            return False
        u = int.from_bytes(_sha256(_pad(number), _pad(self.public)), "big")
        s = pow(number * pow(self.v, u, DH_PRIME), self.b, DH_PRIME)
        p, g = _pad(DH_PRIME), _pad(G)
        mixed = bytes(x ^ y for x, y in zip(_sha256(p), _sha256(g), strict=True))
        expected = _sha256(
            mixed,
            _sha256(self.salt1),
            _sha256(self.salt2),
            _pad(number),
            _pad(self.public),
            _sha256(_pad(s)),
        )
        return secrets.compare_digest(expected, m1)


def _k() -> int:
    return int.from_bytes(_sha256(_pad(DH_PRIME), _pad(G)), "big")


def start(password: str, salt1: bytes, salt2: bytes) -> Exchange:
    """A new exchange for one attempt."""
    return Exchange(
        secrets.randbits(62), secrets.randbits(2048), verifier(password, salt1, salt2), salt1, salt2
    )
