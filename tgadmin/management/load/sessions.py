"""Browsers that are signed in already, for as long as a load test lasts."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from workspaces.models import User


@contextmanager
def signed_in(user: User, number: int) -> Iterator[list[str]]:
    """Keys of so many sessions of a person; they end with this."""
    stores = []
    for _ in range(number):
        store = SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.set_expiry(3600)
        store.create()
        stores.append(store)
    try:
        yield [str(store.session_key) for store in stores]
    finally:
        for store in stores:
            store.delete()
