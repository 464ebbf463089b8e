"""Secrets at rest can be read with any key of the list, and are written with the first."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from tgadmin.lib import crypto

OLD, NEW = crypto.generate_key(), crypto.generate_key()


def test_keys_can_be_rotated(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    token = crypto.encrypt("1BVtsOK…")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert crypto.decrypt(token) == "1BVtsOK…"
    assert Fernet(NEW).decrypt(crypto.encrypt("x")) == b"x"


def test_a_lost_key_is_told_in_words(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    token = crypto.encrypt("secret")
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="Bring back the key"):
        crypto.decrypt(token)


def test_without_keys_nothing_is_stored_in_the_clear(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = []
    with pytest.raises(ImproperlyConfigured, match="TGADMIN_ENCRYPTION_KEYS"):
        crypto.encrypt("secret")
