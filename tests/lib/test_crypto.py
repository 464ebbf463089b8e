"""Secrets at rest can be read with any key of the list, and are written with the first."""

from typing import Any
from unittest.mock import Mock

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from ingestion.models import Account
from tests.factories import make_workspace
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


@pytest.mark.django_db
def test_a_row_is_decrypted_for_whoever_asks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account.objects.create(
        workspace=make_workspace(), label="Desk", api_id=1, api_hash="0123", session="1BVtsOK…"
    )
    decrypt = Mock(wraps=crypto.decrypt)
    monkeypatch.setattr(crypto, "decrypt", decrypt)
    found = Account.objects.get(pk=account.pk)
    assert found.label == account.label
    assert not decrypt.called
    assert [found.session, found.session] == ["1BVtsOK…"] * 2
    assert decrypt.call_count == 1
    found.session = "another"
    assert found.session == "another"
    found.save()
    assert Account.objects.get(pk=account.pk).session == "another"
    assert Account.objects.get(pk=account.pk).api_hash == "0123"
