"""Secrets at rest: Fernet with a list of keys. The first encrypts, all decrypt, so that keys
can be rotated (https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet).
"""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tgadmin.lib import logs


def generate_key() -> str:
    """A new key, as it stands in the key file."""
    return Fernet.generate_key().decode("ascii")


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            "There is no encryption key. Set TGADMIN_ENCRYPTION_KEYS or start with "
            "`python3 manage.py up`, which makes one."
        )
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> bytes:
    """A token that only a holder of the keys reads."""
    logs.hide(text)
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """The text again; `ImproperlyConfigured` when no key fits."""
    try:
        text = _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(token).decode()
    except InvalidToken as error:
        raise ImproperlyConfigured(
            "A stored secret cannot be decrypted with the encryption keys given. Bring back the "
            "key it was made with (TGADMIN_ENCRYPTION_KEYS takes a list, newest first)."
        ) from error
    logs.hide(text)
    return text
