"""`manage.py load`: many people read, search and watch while the archive works."""

import http.client
import importlib.util
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from archive.search import newest
from ingestion.management._common import count, print_json
from ingestion.models import Channel
from tgadmin.embedded import processes
from tgadmin.management.load.measuring import LoadFailed, Measured, measure
from tgadmin.management.load.sessions import signed_in
from tgadmin.management.load.work import going_on
from tgadmin.management.supervisor.programs import Programs
from workspaces.models import User, Workspace

#: Where the load test's own web server listens, unless an address is given.
_HOST, _PORT = "127.0.0.1", 8099
_START_SECONDS = 60
#: Of the newest messages, so many are opened.
_MESSAGES = 50
_WORDS = ("message", "the", "новости", "photo", "https", "2024", "rare-word-that-nobody-wrote")


class Command(BaseCommand):
    help = (
        "Lets many people read, search and watch progress at a time, while messages are written and "
        "exported, and prints how long pages took. Needs the packages of requirements-test.txt."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=count, default=200, metavar="N")
        parser.add_argument("--seconds", type=count, default=60, metavar="N")
        parser.add_argument(
            "--address", metavar="URL", help="a running site; else a web server of its own"
        )
        parser.add_argument("--port", type=count, default=_PORT, help="of its own web server")
        parser.add_argument(
            "--idle", action="store_true", help="write and export nothing meanwhile"
        )
        parser.add_argument("--word", action="append", metavar="WORD", help="search for these")
        parser.add_argument("--json", action="store_true")

    def handle(
        self,
        *,
        people: int,
        seconds: int,
        address: str | None,
        port: int,
        idle: bool,
        word: list[str] | None,
        json: bool,
        **_: Any,
    ) -> None:
        if importlib.util.find_spec("locust") is None:
            raise CommandError("locust is not installed: pip install -r requirements-test.txt")
        user, workspace, channels = _whose()
        plan: dict[str, Any] = {
            "cookie": settings.SESSION_COOKIE_NAME,
            "channels": [channel.pk for channel in channels],
            "messages": [
                (one.channel_id, one.message_id)
                for one in newest(workspace=workspace, limit=_MESSAGES).messages
            ],
            "words": word or _WORDS,
        }
        work: AbstractContextManager[dict[str, int]] = (
            nullcontext({}) if idle else going_on(workspace, channels)
        )
        site: AbstractContextManager[str] = nullcontext(address) if address else _own_site(port)
        with signed_in(user, min(people, 50)) as keys, site as found, work as done:
            try:
                rows = measure(
                    address=found.rstrip("/"),
                    people=people,
                    seconds=seconds,
                    plan={**plan, "sessions": keys},
                    quiet=json,
                )
            except LoadFailed as error:
                raise CommandError(f"locust did not run: {error}") from error
        if json:
            told = {"people": people, "seconds": seconds, **done}
            print_json({**told, "pages": [asdict(row) for row in rows]})
        else:
            self._table(rows, people, seconds, done)

    def _table(self, rows: list[Measured], people: int, seconds: int, done: dict[str, int]) -> None:
        print(f"{people} people for {seconds} s")
        for name, number in done.items():
            print(f"{name} meanwhile: {number:,} messages, {number / seconds:,.0f} a second")
        print(f"{'page':<14}{'requests':>9}{'errors':>8}{'median':>9}{'95 %':>9}")
        for row in rows:
            times = f"{row.p50_ms:>6.0f} ms{row.p95_ms:>6.0f} ms"
            print(f"{row.name:<14}{row.requests:>9,}{row.errors:>8,}{times}")


def _whose() -> tuple[User, Workspace, list[Channel]]:
    """Somebody who owns a workspace with channels."""
    channel = Channel.objects.filter(removed_at=None).select_related("workspace").first()
    if channel is None:
        raise CommandError("There is no channel to read. `manage.py generate` makes some.")
    workspace = channel.workspace
    user = User.objects.filter(memberships__workspace=workspace, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody belongs to the workspace “{workspace.name}”.")
    rows = Channel.objects.filter(workspace=workspace, removed_at=None).order_by("pk")
    return user, workspace, list(rows[:50])


@contextmanager
def _own_site(port: int) -> Iterator[str]:
    """Web processes as `up` starts them, on this installation's database."""
    programs = Programs(settings.TGADMIN_DATA_DIR, demo=settings.TGADMIN_DEMO)
    programs.environment["LOG_LEVEL"] = "WARNING"
    process = programs.web(_HOST, port)
    address = f"http://{_HOST}:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        processes.stop(process, with_signal=signal.SIGTERM, seconds=10)
        if process.stdout:
            process.stdout.close()


def _wait_for(address: str) -> None:
    ends = time.monotonic() + _START_SECONDS
    while True:
        try:
            site = http.client.HTTPConnection(str(urlsplit(address).netloc), timeout=5)
            with closing(site):
                site.request("GET", "/healthz")
                site.getresponse().read()
        except OSError:
            if time.monotonic() > ends:
                raise CommandError(f"{address} does not answer.") from None
            time.sleep(0.2)
        else:
            return
