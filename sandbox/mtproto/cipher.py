"""Encryption of messages (https://core.telegram.org/mtproto/description)."""

from __future__ import annotations

import hashlib
import os
import struct
from hashlib import sha256

import cryptg


class CipherError(ValueError):
    """A packet that no client with this key can have sent."""


def ige_encrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    return bytes(cryptg.encrypt_ige(data, key, iv))


def ige_decrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    return bytes(cryptg.decrypt_ige(data, key, iv))


def key_id(auth_key: bytes) -> bytes:
    """The lower 64 bits of the SHA-1 of an auth key, as on the wire."""
    return hashlib.sha1(auth_key, usedforsecurity=False).digest()[-8:]


def _aes(auth_key: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    a = sha256(msg_key + auth_key[x : x + 36]).digest()
    b = sha256(auth_key[x + 40 : x + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]


def encrypt(auth_key: bytes, auth_key_id: bytes, plain: bytes) -> bytes:
    """A whole encrypted message from the server (x = 8): key id, msg_key, data."""
    padded = plain + os.urandom(12 + -(len(plain) + 12) % 16)
    msg_key = sha256(auth_key[96:128] + padded).digest()[8:24]
    aes_key, aes_iv = _aes(auth_key, msg_key, 8)
    return auth_key_id + msg_key + ige_encrypt(padded, aes_key, aes_iv)


def decrypt(auth_key: bytes, packet: bytes) -> bytes:
    """The plain text of a client's message (x = 0): salt, session, id, seqno, length, data.

    Checks what https://core.telegram.org/mtproto/security_guidelines asks for.
    """
    msg_key, data = packet[8:24], packet[24:]
    if not data or len(data) % 16:
        raise CipherError("encrypted data is not whole blocks")
    aes_key, aes_iv = _aes(auth_key, msg_key, 0)
    plain = ige_decrypt(data, aes_key, aes_iv)
    if sha256(auth_key[88:120] + plain).digest()[8:24] != msg_key:
        raise CipherError("msg_key does not match")
    (length,) = struct.unpack_from("<i", plain, 28)
    padding = len(plain) - 32 - length
    if length < 0 or length % 4 or not 12 <= padding <= 1024:
        raise CipherError("message length is wrong")
    return plain
