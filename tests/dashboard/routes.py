"""Every address of the dashboard: how it is asked for, and what each person is answered.

A new address belongs into this table; a test fails until it is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.dashboard.world import PHOTO, World

#: Who asks. A stranger owns another workspace; anonymous is signed in nowhere.
ROLES = ("owner", "admin", "analyst", "viewer", "stranger", "anonymous")
MEMBERS = ROLES[:4]

Arguments = Callable[[World], list[Any]]


@dataclass(frozen=True)
class Route:
    """`allowed` members get `ok`, other members 403, strangers 404 unless `own` is true: then
    the page is about the stranger's own workspace."""

    arguments: Arguments = lambda _: []
    method: str = "get"
    data: Callable[[World], Mapping[str, Any]] = field(default=lambda _: {})
    ok: int = 200
    allowed: tuple[str, ...] = MEMBERS
    own: bool = False
    anonymous: int = 302

    def expected(self, role: str) -> int:
        if role == "anonymous":
            return self.anonymous
        if role == "stranger":
            return self.ok if self.own else 404
        return self.ok if role in self.allowed else 403


SYNC = ("owner", "admin", "analyst")
ADMINS = ("owner", "admin")
OWNERS = ("owner",)


def _channel(world: World) -> list[int]:
    return [world.channel.pk]


def _medium(world: World) -> list[int]:
    return [world.channel.pk, world.medium.message_id, 0]


def _run(world: World) -> list[int]:
    return [world.run.pk]


def _export(world: World) -> list[int]:
    return [world.export.pk]


def _feed(world: World) -> list[int]:
    return [world.workspace.feeds.get().pk]


def _schedule(world: World) -> list[int]:
    return [world.workspace.export_schedules.get().pk]


def _saved(world: World) -> list[int]:
    return [world.saved.pk]


def _import(world: World) -> list[int]:
    return [world.imported.pk]


def _account(world: World) -> list[int]:
    return [world.account.pk]


def _proxy(world: World) -> list[int]:
    return [world.account.workspace.proxies.get().pk]


def _lost(world: World) -> list[int]:
    return [world.lost.pk]


def _of_account(world: World) -> Mapping[str, Any]:
    return {"account": world.account.pk}


def _adding(world: World) -> list[int]:
    return [world.adding.pk]


def _call(world: World) -> list[int]:
    return [world.call.pk]


def _viewer(world: World) -> list[int]:
    return [world.workspace.memberships.get(user=world.people["viewer"]).pk]


def _invite(world: World) -> list[int]:
    return [world.invite.pk]


def _role(_: World) -> dict[str, str]:
    return {"role": "analyst"}


def _press(arguments: Arguments, allowed: tuple[str, ...], **more: Any) -> Route:
    """A button: it acts and leads on."""
    return Route(arguments, method="post", ok=302, allowed=allowed, **more)


ROUTES: dict[str, Route] = {
    "home": Route(own=True),
    "home-live": Route(own=True),
    "status": Route(allowed=("owner",), own=True),
    "status-json": Route(allowed=("owner",), own=True),
    "compare": Route(own=True),
    "login": Route(ok=302, own=True, anonymous=200),
    "logout": Route(method="post", ok=302, own=True),
    "language": Route(
        method="post", ok=302, own=True, anonymous=302, data=lambda _: {"language": "ru"}
    ),
    "appearance": Route(method="post", ok=302, own=True, data=lambda _: {"appearance": "dark"}),
    "password-reset": Route(own=True, anonymous=200),
    "password-reset-sent": Route(own=True, anonymous=200),
    "password-reset-confirm": Route(lambda _: ["MQ", "no-token"], own=True, anonymous=200),
    # A link that nobody was given, so nobody is let in by it.
    "join": Route(lambda _: ["no-such-secret"], ok=410, own=True, anonymous=410),
    "profile": Route(own=True),
    "password": Route(own=True),
    "sessions": Route(own=True),
    "sessions-end": _press(lambda _: [], MEMBERS, own=True),
    # Everybody else's sessions are nowhere, whoever asks.
    "session-end": Route(lambda _: [0], method="post", ok=404, own=True),
    "settings": Route(own=True),
    "settings-save": _press(
        lambda _: [], OWNERS, own=True, data=lambda _: {"name": "Desk", "time_zone": "UTC"}
    ),
    "log": Route(own=True, allowed=ADMINS),
    "forgotten": Route(own=True, allowed=ADMINS),
    "forgotten-person": Route(lambda world: [world.workspace.forgotten.get().pk], allowed=ADMINS),
    "redaction": Route(own=True, allowed=ADMINS),
    "redaction-save": _press(
        lambda _: [], ADMINS, own=True, data=lambda _: {"name": "New", "kind_phone": "replace"}
    ),
    "redaction-delete": _press(lambda world: [world.profile.pk], ADMINS),
    "pii": Route(own=True, allowed=ADMINS),
    "pii-start": _press(lambda _: [], ADMINS, own=True),
    "pii-audit": Route(lambda world: [world.workspace.pii_audits.get().pk], allowed=ADMINS),
    "pii-cancel": _press(lambda world: [world.workspace.pii_audits.get().pk], ADMINS),
    "retention": Route(own=True, allowed=ADMINS),
    "retention-save": _press(lambda _: [], ADMINS, own=True, data=lambda _: {"days": ""}),
    "retention-channel": Route(_channel, allowed=ADMINS),
    "retention-start": _press(_channel, ADMINS),
    "retention-hold": _press(_channel, ADMINS, data=lambda _: {"reason": "A case"}),
    "forget": Route(lambda world: [world.sender.pk], allowed=ADMINS),
    "privacy": Route(own=True),
    "privacy-save": _press(lambda _: [], OWNERS, own=True),
    "privacy-erase": _press(lambda _: [], OWNERS, own=True),
    "people": Route(own=True),
    "invite": _press(lambda _: [], OWNERS, own=True, data=_role),
    "person-role": _press(_viewer, OWNERS, data=_role),
    "person-remove": _press(_viewer, OWNERS),
    "leave": _press(lambda _: [], MEMBERS, own=True),
    "invite-revoke": _press(_invite, OWNERS),
    "checklist-dismiss": _press(lambda _: [], ADMINS, own=True),
    "workspace-new": Route(own=True, allowed=OWNERS),
    "workspace-enter": _press(lambda world: [world.workspace.pk], MEMBERS),
    "channels": Route(own=True),
    "channels-bulk": _press(
        lambda _: [], SYNC, data=lambda world: {"act": "pause", "id": world.channel.pk}
    ),
    "channels-restore": _press(lambda _: [], ADMINS, data=lambda world: {"id": world.channel.pk}),
    "channel-add": Route(allowed=ADMINS, own=True),
    "channel-add-web": _press(
        lambda _: [], ADMINS, own=True, data=lambda _: {"names": "@a_public_name"}
    ),
    "channel-adding": Route(_adding, allowed=ADMINS),
    "channel-adding-live": Route(_adding, allowed=ADMINS),
    "channel-adding-save": _press(_adding, ADMINS, data=lambda _: {"line": "0"}),
    "channel-adding-again": _press(_adding, ADMINS),
    "channel-adding-photo": Route(lambda world: [world.adding.pk, 0], allowed=ADMINS),
    "dialogs": Route(allowed=ADMINS, own=True),
    "dialogs-live": Route(allowed=ADMINS, own=True, ok=286),
    "dialogs-read": _press(lambda _: [], ADMINS, data=_of_account),
    "dialogs-add": _press(lambda _: [], ADMINS, data=_of_account),
    "dialogs-csv": Route(_account, allowed=ADMINS),
    "dialogs-json": Route(_account, allowed=ADMINS),
    "channel": Route(_channel),
    "channel-live": Route(_channel),
    "channel-sync": _press(_channel, SYNC),
    "channel-ask": _press(_channel, SYNC, data=lambda _: {"low": "46112", "high": "46500"}),
    "channel-photo": Route(lambda world: [world.channel.pk, PHOTO]),
    "channel-pause": _press(_channel, SYNC),
    "channel-resume": _press(_channel, SYNC),
    "channel-cancel": _press(_channel, SYNC),
    "channel-schedule": _press(_channel, ADMINS, data=lambda _: {"minutes": "30"}),
    "channel-details": _press(_channel, ADMINS, data=lambda _: {"tags": "news", "notes": "x"}),
    "channel-follow": _press(_channel, ADMINS, data=lambda _: {"live": "1"}),
    "channel-news": Route(_channel),
    "channel-enable": _press(_channel, ADMINS),
    "channel-disable": _press(_channel, ADMINS),
    "channel-emptied": _press(_channel, ADMINS),
    "channel-readers": Route(_channel),
    "channel-remove": _press(_channel, ADMINS, data=lambda _: {"messages": "keep"}),
    "channel-topics": Route(_channel),
    "channel-pinned": Route(_channel),
    "channel-about": Route(_channel),
    "channel-repair": _press(_channel, SYNC, data=lambda _: {"low": "1", "high": "9"}),
    "timeline": Route(_channel),
    "calendar": Route(_channel),
    "table": Route(_channel),
    "table-columns": _press(_channel, MEMBERS, data=lambda _: {"column": "views"}),
    "table-density": _press(_channel, MEMBERS, data=lambda _: {"density": "compact"}),
    "here": Route(lambda world: [str(world.channel.pk), world.message.message_id], ok=302),
    "messages": Route(own=True),
    "messages-suggest": Route(own=True),
    "searches": Route(own=True),
    "search-save": _press(lambda _: [], MEMBERS, own=True, data=lambda _: {"q": "x", "name": "X"}),
    "search": Route(_saved, ok=302),
    "search-change": _press(_saved, SYNC, data=lambda _: {"name": "X", "shared": "on"}),
    "search-delete": _press(_saved, SYNC),
    "senders": Route(own=True),
    "sender": Route(lambda world: [world.sender.pk]),
    "message": Route(lambda world: [world.channel.pk, world.message.message_id]),
    "message-raw": Route(lambda world: [world.channel.pk, world.message.message_id]),
    "gallery": Route(own=True),
    "gallery-zip": Route(allowed=SYNC, own=True),
    "medium": Route(_medium),
    "medium-file": Route(_medium),
    "medium-view": Route(_medium),
    "medium-preview": Route(_medium),
    "downloads": Route(_channel),
    # Nothing moves.
    "downloads-live": Route(_channel, ok=286),
    "downloads-press": _press(_channel, SYNC, data=lambda _: {"act": "pause"}),
    "downloads-inherit": _press(_channel, ADMINS),
    "downloads-ask": _press(lambda world: [world.channel.pk, world.medium.message_id], SYNC),
    "settings-files": Route(own=True),
    "runs": Route(own=True),
    "run": Route(_run),
    "run-live": Route(_run),
    "run-pause": _press(_run, SYNC),
    "run-resume": _press(_run, SYNC),
    "run-cancel": _press(_run, SYNC),
    "run-try-now": _press(_run, SYNC),
    "run-retry": _press(_run, SYNC),
    "exports": Route(own=True),
    "exports-live": Route(own=True, ok=200),
    "export-new": Route(allowed=SYNC, own=True),
    "export-make": _press(
        lambda _: [], SYNC, data=lambda world: {"channel": world.channel.pk, "format": "csv"}
    ),
    # Its row says done and no file is there: authorised people are told that it is gone.
    "export-download": Route(_export, ok=410, allowed=SYNC),
    # Its file is not there in the tests' world.
    "export-manifest": Route(_export, ok=404, allowed=SYNC),
    "export-cancel": _press(_export, SYNC),
    "export-pause": _press(_export, SYNC),
    "export-resume": _press(_export, SYNC),
    "export-delete": _press(_export, SYNC),
    "export-links": Route(_export, allowed=SYNC),
    "export-link-make": _press(_export, SYNC),
    "export-link-revoke": _press(lambda world: [world.export.links.get().pk], SYNC),
    # Links that nobody was given.
    "export-shared": Route(lambda _: ["no-link"], ok=410, own=True, anonymous=410),
    "feed-atom": Route(lambda _: ["no-secret"], ok=404, own=True, anonymous=404),
    "feed-rss": Route(lambda _: ["no-secret"], ok=404, own=True, anonymous=404),
    "export-columns": Route(own=True),
    "export-schema": Route(own=True),
    "feeds": Route(own=True),
    "feed-make": _press(
        lambda _: [], SYNC, data=lambda world: {"channel": world.channel.pk, "name": "News"}
    ),
    "feed-renew": _press(_feed, SYNC),
    "feed-revoke": _press(_feed, SYNC),
    "schedules": Route(own=True),
    "schedule-make": _press(
        lambda _: [], SYNC, data=lambda world: {"channel": world.channel.pk, "name": "news"}
    ),
    "schedule-run": _press(_schedule, SYNC),
    "schedule-switch": _press(_schedule, SYNC),
    "schedule-delete": _press(_schedule, SYNC),
    "imports": Route(own=True),
    "imports-live": Route(own=True, ok=286),
    "import-upload": _press(lambda _: [], ADMINS, own=True),
    "import-begin": Route(
        method="post",
        allowed=ADMINS,
        own=True,
        ok=201,
        data=lambda _: {"name": "a.json", "size": "5"},
    ),
    "import": Route(_import),
    "import-live": Route(_import, ok=286),
    "import-file": Route(_import, allowed=ADMINS, method="patch", ok=409),
    "import-start": _press(_import, ADMINS),
    "import-pause": _press(_import, ADMINS),
    "import-resume": _press(_import, ADMINS),
    "import-cancel": _press(_import, ADMINS),
    "import-delete": _press(_import, ADMINS),
    "accounts": Route(own=True),
    "account-connect": Route(allowed=ADMINS, own=True),
    "account": Route(_account),
    "account-edit": Route(_account, allowed=ADMINS),
    "account-budget": Route(_account, allowed=ADMINS),
    "account-check": _press(_account, ADMINS),
    "account-resend": _press(_account, ADMINS),
    # Nothing is waited for, so the countdown is over at once.
    "account-resend-live": Route(_account, ok=286, allowed=ADMINS),
    "roads": Route(allowed=ADMINS, own=True),
    "roads-live": Route(allowed=ADMINS, own=True, ok=286),
    "roads-look": _press(lambda _: [], ADMINS, own=True),
    "proxy-add": Route(allowed=ADMINS, own=True),
    "proxy-edit": Route(_proxy, allowed=ADMINS),
    "proxy-test": _press(_proxy, ADMINS),
    "proxy-remove": Route(_proxy, allowed=ADMINS),
    "account-road": Route(_account, allowed=ADMINS),
    "account-import": Route(allowed=ADMINS, own=True),
    "account-session": Route(_account, allowed=OWNERS),
    # Its phone has not been asked for anything, so there is no code yet.
    "account-qr": Route(_lost, allowed=ADMINS),
    # What the page presses by itself: the same, answered as a part.
    "account-qr-live": _press(_lost, ADMINS),
    "account-qr-image": Route(_lost, ok=404, allowed=ADMINS),
    "account-code": _press(_account, ADMINS),
    "account-sign-in": _press(_account, ADMINS, data=lambda _: {"code": "12345"}),
    "account-password": _press(_account, ADMINS, data=lambda _: {"password": "x"}),
    "account-disconnect": _press(_account, ADMINS),
    "account-delete": _press(_account, ADMINS),
    "call": Route(_call, allowed=ADMINS),
    "call-live": Route(_call, allowed=ADMINS),
}

#: What a stranger's own, empty workspace answers where ours is in motion.
STRANGERS_OWN = {"exports-live": 286}

#: Addresses outside of the dashboard, `path name`, and what whoever asks is answered: health tells
#: that the program answers and its parts work, and nothing else; the queue's is one of the admin's.
OUTSIDE: dict[str, tuple[int, str | list[str]]] = {
    "healthz healthz": (200, ["alive"]),
    "readyz readyz": (200, ["postgresql", "valkey", "migrations", "worker", "listener"]),
    "django-rq/ None": (302, "/admin/django_rq/dashboard/"),
}

#: The first part of every address below /admin/: an app, or what Django's admin has itself. All of
#: them are for superusers.
ADMIN = {
    *("archive", "auth", "axes", "django_rq", "ingestion", "workspaces"),
    *("autocomplete", "jsi18n", "login", "logout", "password_change", "r"),
}
