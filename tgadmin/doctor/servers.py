"""PostgreSQL and Valkey: reachable, and such as they have to be."""

from datetime import timedelta
from functools import cache

import django_rq
import redis
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tgadmin import env
from tgadmin.doctor import sql
from tgadmin.doctor.finding import Finding, fail, ok, warn
from tgadmin.embedded.binaries import OLDEST_POSTGRES
from tgadmin.embedded.postgres import EXTENSIONS

_CLOCK_SLACK = timedelta(seconds=2)
#: RQ is for Redis 5 and newer.
_OLDEST_VALKEY = 5


def postgresql() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SERVER)
            number, version, _started, _now = cursor.fetchone()
    except OperationalError as error:
        return _away("PostgreSQL", "DATABASE_URL", error, given=env.database_is_given())
    if number // 10_000 < OLDEST_POSTGRES:
        return fail(
            _("PostgreSQL %(version)s is too old") % {"version": version},
            _("PostgreSQL %(oldest)s or newer is needed.") % {"oldest": OLDEST_POSTGRES},
        )
    where = "DATABASE_URL" if env.database_is_given() else _("embedded")
    return ok(_("PostgreSQL %(version)s (%(where)s)") % {"version": version, "where": where})


def search() -> Finding:
    """The extensions, and a locale that knows letters of every script."""
    with connection.cursor() as cursor:
        cursor.execute(sql.EXTENSIONS)
        missing = sorted(set(EXTENSIONS) - {name for (name,) in cursor.fetchall()})
        if missing:
            return fail(
                _("PostgreSQL lacks: %(names)s") % {"names": ", ".join(missing)},
                _("As its administrator: CREATE EXTENSION %(name)s") % {"name": missing[0]},
            )
        cursor.execute(sql.TRIGRAMS)
        if not cursor.fetchone()[0]:
            return fail(
                _("This database knows no letters beyond ASCII: Cyrillic words are not found"),
                _("Make it anew with LC_CTYPE C.UTF-8, and restore a backup into it."),
            )
    return ok(_("Search knows the letters of every script"))


def migrations() -> Finding:
    pending = _migrations() - set(MigrationRecorder(connection).applied_migrations())
    if pending:
        count = len(pending)
        return fail(
            ngettext("%(n)s migration is not applied", "%(n)s migrations are not applied", count)
            % {"n": count},
            "python3 manage.py setup",
        )
    return ok(_("All migrations are applied"))


@cache
def _migrations() -> set[tuple[str, str]]:
    """App and name of every migration that this program has: reading them takes a while."""
    return set(MigrationLoader(None).disk_migrations)


def clock() -> Finding:
    """Ours and the database's: leases and waits are counted on the latter."""
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(sql.SERVER)
        theirs = cursor.fetchone()[3]
    after = timezone.now()
    off = max(theirs - after, before - theirs, timedelta())
    if off > _CLOCK_SLACK:
        return warn(
            _("The clocks of this machine and of the database differ by %(seconds)s s")
            % {"seconds": f"{off.total_seconds():.1f}"},
            _("Set both by NTP (timedatectl set-ntp true)."),
        )
    return ok(_("The clocks of this machine and of the database agree"))


def valkey() -> Finding:
    try:
        found = django_rq.get_connection("slices").info()
    except (redis.RedisError, OSError) as error:
        return _away("Valkey", "REDIS_URL", error, given=env.redis_is_given())
    name = "Valkey" if "valkey_version" in found else "Redis"
    version = str(found.get("valkey_version") or found["redis_version"])
    if int(version.split(".", maxsplit=1)[0]) < _OLDEST_VALKEY:
        return fail(
            _("%(name)s %(version)s is too old") % {"name": name, "version": version},
            _("%(oldest)s or newer is needed.") % {"oldest": _OLDEST_VALKEY},
        )
    policy = found.get("maxmemory_policy", "noeviction")
    if policy != "noeviction" and found.get("maxmemory"):
        return warn(
            _("%(name)s forgets jobs when its memory is full (%(policy)s)")
            % {"name": name, "policy": policy},
            "CONFIG SET maxmemory-policy noeviction",
        )
    where = "REDIS_URL" if env.redis_is_given() else _("embedded")
    return ok(f"{name} {version} ({where})")


def _away(name: str, variable: str, error: Exception, *, given: bool) -> Finding:
    if given:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return fail(
            _("%(name)s does not answer at the address of %(variable)s: %(reason)s")
            % {"name": name, "variable": variable, "reason": reason},
            _("Start that server, or mend the address."),
        )
    return fail(
        _("%(name)s is not running: `up` does not run") % {"name": name},
        _("Start it with: %(command)s") % {"command": env.up_command()},
    )
