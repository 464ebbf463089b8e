"""The pages as they are served, compressed and hashed, with the world of the dashboard's tests.

In the process of the tests, so that what a page asks of the database can be counted, and its rows can
be changed under the eyes of a browser.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.test.testcases import LiveServerThread
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ingestion.models import WorkerHeartbeat
from tests.dashboard.past import give_past
from tests.dashboard.screens import Screen, screens
from tests.dashboard.world import World, make_world
from tgadmin.lib import garbage

#: Rows a channel: about as many messages in all as the demo has.
MESSAGES = 2000

_AS_IT_IS: Any = lambda handler: handler  # noqa: E731, what Django asks for a class here


@dataclass
class Site:
    address: str
    world: World
    clients: dict[str, Client]

    def client_of(self, role: str) -> Client:
        """Return a signed-in client; of "anonymous" one that is signed in nowhere."""
        if role not in self.clients:
            client = Client()
            if role != "anonymous":
                backend = "django.contrib.auth.backends.ModelBackend"
                client.force_login(self.world.people[role], backend=backend)
            self.clients[role] = client
        return self.clients[role]

    def screens(self) -> dict[str, Screen]:
        return {screen.name: screen for screen in screens(self.world, self.client_of)}

    def cookies(self, role: str) -> list[Any]:
        """Return the cookies of a signed-in browser, as playwright takes them."""
        kept = self.client_of(role).cookies
        return [
            {"name": name, "value": morsel.value, "url": self.address}
            for name, morsel in kept.items()
            if name == settings.SESSION_COOKIE_NAME
        ]

    def queries(self, screen: Screen) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            self.client_of(screen.role).get(screen.address)
        return len(asked)

    def milliseconds(self, screen: Screen) -> tuple[float, float]:
        """How long the server needs for a page, middleware included, and how much of it this
        process computed; the shortest of five. Not through a test's client, which keeps a copy of
        all that each template was given.
        """
        browser, server = RequestFactory(), WSGIHandler()
        browser.cookies = self.client_of(screen.role).cookies
        taken = []
        for _ in range(5):
            cache.clear()
            request = browser.get(screen.address)
            began, computed = time.perf_counter(), time.thread_time()
            with closing(server.get_response(request)) as response:
                b"".join(response)
            taken.append((time.perf_counter() - began, time.thread_time() - computed))
        return 1000 * min(wall for wall, _ in taken), 1000 * min(cpu for _, cpu in taken)


def static_from(folder: Path) -> override_settings:
    """Settings under which static files are served from there, compressed and hashed."""
    stored = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    return override_settings(
        STATIC_ROOT=str(folder), STORAGES={**settings.STORAGES, "staticfiles": stored}
    )


def collect(folder: Path) -> None:
    """Collect the static files there, as `up` does when it starts."""
    with static_from(folder):
        call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def serve(static: Path) -> Iterator[Site]:
    """Serve a new world on a free port, with the static files that were collected; afterwards the
    database is as empty as before.
    """
    with static_from(static):
        # Files come from WhiteNoise, not from a handler of the tests.
        thread = LiveServerThread("127.0.0.1", static_handler=_AS_IT_IS)
        thread.daemon = True
        usual = gc.get_threshold()
        try:
            call_command("migrate", verbosity=0)
            world = make_world(messages=MESSAGES)
            give_past(world)
            # Nobody gives signs of life here. Workers that fell silent while a page is looked at would
            # be told on it, and what stands below would move.
            WorkerHeartbeat.objects.update(seen_at=timezone.now() + timedelta(hours=1))
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            garbage.settle()  # as gunicorn is told to
            thread.start()
            thread.is_ready.wait()
            if thread.error:
                raise thread.error
            yield Site(f"http://127.0.0.1:{thread.port}", world, {})
        finally:
            if thread.is_alive():
                thread.terminate()
            gc.unfreeze()
            gc.set_threshold(*usual)
            call_command("flush", interactive=False, verbosity=0)
            cache.clear()
