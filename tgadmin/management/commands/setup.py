"""Bring the database and the files of an installation up to date; `up` runs it at every start."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ingestion.models import WorkerHeartbeat
from tgadmin import env
from tgadmin.lib import databases
from tgadmin.management.static_files import collect_when_changed
from tgadmin.management.supervisor.keys import make_missing_keys, write_once
from tgadmin.management.supervisor.readiness import FIRST_PASSWORD, USER_NAME
from workspaces.services import ensure_first_owner

_LOCK = 0x7467_6164_6D69  # "tgadmi"


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two containers may be started at once, and migrations are for one of them.

    The lock is of a transaction on a connection of its own: behind a pooler a session's would stay
    with a connection that somebody else gets next. The transaction holds no snapshot, so no index
    that is built concurrently waits for it.
    """
    guard = connection.copy()
    try:
        guard.set_autocommit(autocommit=False)
        with guard.cursor() as cursor:
            cursor.execute(databases.MAY_BE_SILENT)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        yield
    finally:
        guard.close()


class Command(BaseCommand):
    help = (
        "Makes missing keys, migrates the database, makes the first administrator and collects "
        "the static files. Can be run again at any time."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--when-told", action="store_true", help="wait for a line on the standard input first"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        if options["when_told"] and not sys.stdin.readline():
            return  # the one to tell has ended
        data: Path = settings.TGADMIN_DATA_DIR
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.quiet = not options["verbosity"]
        for line in make_missing_keys(data):
            self._say(line)
        with one_at_a_time():
            self._set_up(data)
        connection.close()

    def _set_up(self, data: Path) -> None:
        # A first start makes every table in a second; at an upgrade a table may take its time.
        known = "django_migrations" in connection.introspection.table_names()
        call_command("migrate", interactive=False, verbosity=self._migrate_verbosity(known=known))
        if not env.database_is_given():
            # All processes of the only host have ended: none of the last start is alive.
            WorkerHeartbeat.objects.all().delete()
        self._first_administrator(data)
        if collect_when_changed():
            self._say("Static files collected")

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stdout.write(line)

    def _migrate_verbosity(self, *, known: bool) -> int:
        return 1 if known and not self.quiet and _pending() else 0

    def _first_administrator(self, data: Path) -> None:
        """Make the first person; a generated password waits in a file until `up` has told it.

        The file comes first: a password that was set and then lost with a crash would lock
        everybody out.
        """
        users = get_user_model().objects.filter(is_superuser=True, is_active=True)
        file = data / FIRST_PASSWORD
        if not users.exists():
            password = env.admin_password()
            if not password:
                write_once(file, secrets.token_urlsafe(12))
                password = file.read_text(encoding="ascii").strip()
            if ensure_first_owner(username=env.admin_user(), password=password):
                where = f"; the password is in {file}" if file.exists() else ""
                self._say(f"Administrator {env.admin_user()} made{where}")
        first = users.order_by("pk").first()
        if first is not None:
            (data / USER_NAME).write_text(first.get_username() + "\n", encoding="utf-8")
