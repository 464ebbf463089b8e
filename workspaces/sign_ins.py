"""The browsers in which people are signed in. A session's key is never kept, only its hash."""

import hashlib
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, Final

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import CharField, F, Func, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from workspaces.models import SignIn, User

#: How exact `seen_at` is: it is not written more often.
SEEN_EVERY: Final = timedelta(minutes=5)


def hash_of(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def _sessions() -> Any:
    """The sessions with the hashes of their keys, as `hashed`."""
    # django.db.models.functions.SHA256 needs pgcrypto; PostgreSQL has its own since version 11
    # (https://www.postgresql.org/docs/current/functions-binarystring.html).
    hashed = Func(
        F("session_key"),
        template="encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')",
        output_field=CharField(),
    )
    return Session.objects.annotate(hashed=hashed)


def of(user: User) -> QuerySet[SignIn]:
    """Where the person is signed in, last seen first; sessions that ended are not among them."""
    alive = _sessions().filter(expire_date__gt=Now()).values("hashed")
    return user.sign_ins.filter(session_hash__in=Subquery(alive)).order_by("-seen_at", "-pk")


def note(request: HttpRequest) -> None:
    """Write down that this session is in use; at most once in `SEEN_EVERY` a process."""
    key = request.session.session_key
    user = request.user
    if not key or not isinstance(user, User):
        return
    hashed = hash_of(key)
    if cache.add(_noted(hashed), value=True, timeout=SEEN_EVERY.total_seconds()):
        _write(request, user, hashed)


def _noted(hashed: str) -> str:
    return f"sign-in:{hashed}"


def end(*, user: User, sign_in: SignIn) -> None:
    """Sign one browser out."""
    _end(user.sign_ins.filter(pk=sign_in.pk))


def end_all(*, user: User, but: str | None = None) -> None:
    """Sign the person out everywhere, or everywhere but in the session with the key `but`."""
    rows = user.sign_ins.all()
    _end(rows.exclude(session_hash=hash_of(but)) if but else rows)


def moved(*, user: User, before: str, after: str) -> None:
    """The session goes on under another key, as after a change of the password."""
    user.sign_ins.filter(session_hash=hash_of(after)).delete()
    user.sign_ins.filter(session_hash=hash_of(before)).update(session_hash=hash_of(after))


def _end(rows: QuerySet[SignIn]) -> None:
    hashes = list(rows.values_list("session_hash", flat=True))
    _sessions().filter(hashed__in=hashes).delete()
    rows.delete()


def _write(request: HttpRequest, user: User, hashed: str) -> None:
    seen = {"user": user, "seen_at": timezone.now(), "address": _address(request)}
    if SignIn.objects.filter(session_hash=hashed).update(**seen):
        return
    agent = request.headers.get("User-Agent", "")[:300].replace("\0", "")
    # Two first requests of one session at once: the second finds the row of the first.
    SignIn.objects.get_or_create(session_hash=hashed, defaults={**seen, "user_agent": agent})


def _address(request: HttpRequest) -> str | None:
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:  # a Unix socket has none
        return None


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Begin the row of this browser, and clean up after the sessions that are over."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    user.sign_ins.exclude(session_hash__in=Subquery(_sessions().values("hashed"))).delete()
    if request.session.session_key:
        hashed = hash_of(request.session.session_key)
        _write(request, user, hashed)
        cache.set(_noted(hashed), value=True, timeout=SEEN_EVERY.total_seconds())


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None and request.session.session_key:
        user.sign_ins.filter(session_hash=hash_of(request.session.session_key)).delete()


def watch() -> None:
    """Follow who signs in and out."""
    user_logged_in.connect(_signed_in, dispatch_uid="workspaces.sign_ins")
    user_logged_out.connect(_signed_out, dispatch_uid="workspaces.sign_ins")
