"""From an event at Telegram to the page of a person who looks at the channel."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from statistics import median
from typing import Final

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from ingestion.models import Account, Channel
from ingestion.services import listening
from ingestion.services.listening import Standing
from sandbox.testing import SandboxProcess
from tgadmin import env
from tgadmin.management.bench import wire
from tgadmin.management.bench.rows import Row
from workspaces.models import Membership, User, Workspace

#: Seconds between two looks of a page (static/js/live.js).
LOOK: Final = 2.0
#: Seconds after which it is told that nothing comes.
LONGEST: Final = 60.0


def measure(*, quick: bool) -> list[Row]:
    """live_latency_s: the median of posts at random moments between two looks of a page."""
    posts = 8 if quick else 25
    rng = Random(1)  # noqa: S311 - moments, not secrets
    call_command("collectstatic", verbosity=0, interactive=False)  # pages name their files
    with wire.telegram(300) as telegram:
        account = wire.connect(telegram, Workspace.objects.create(name="Live"))
        channel = wire.add_channel(account)
        wire.sync_now(telegram, channel)
        listening.set_live(channel=channel, live=True)
        with listener(telegram):
            _until_live(channel)
            page = _Page(account, channel)
            seconds = [page.latency(telegram, rng.random() * LOOK) for _ in range(posts)]
    return [Row("live_latency_s", median(seconds), "s", target=3, at_most=True)]


class _Page:
    """Looks every two seconds, as a browser does."""

    def __init__(self, account: Account, channel: Channel) -> None:
        user = User.objects.create_user("reader")
        Membership.objects.create(workspace=account.workspace, user=user, role="viewer")
        self._client = Client(SERVER_NAME="127.0.0.1")
        self._client.force_login(user)
        self._channel = channel
        self._next = time.monotonic()

    def latency(self, telegram: SandboxProcess, offset: float) -> float:
        """Seconds from a post, so long after a look, to the look that tells of it."""
        seen = Channel.objects.get(pk=self._channel.pk).top_id
        address = f"{reverse('channel-news', args=[self._channel.pk])}?seen={seen}"
        self._next = time.monotonic() + LOOK - offset
        posted = time.monotonic()
        telegram.post(self._channel.peer_id, "measured")
        while time.monotonic() - posted < LONGEST:
            time.sleep(max(self._next - time.monotonic(), 0))
            self._next += LOOK
            answer = self._client.get(address)
            if answer.status_code == 200 and b'class="btn primary news"' in answer.content:
                return time.monotonic() - posted
        raise RuntimeError("The page was never told of the message")


@contextmanager
def listener(telegram: SandboxProcess) -> Iterator[subprocess.Popen[bytes]]:
    """The listener's process, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, str(env.BASE_DIR / "manage.py"), "listener"],
        cwd=env.BASE_DIR,
        env=env.child_environment(
            TELEGRAM_DC=telegram.dc,
            TELEGRAM_PUBLIC_KEY=str(telegram.public_key),
            TELEGRAM_MIN_INTERVAL="0",
            DJANGO_SETTINGS_MODULE="tgadmin.settings",
        ),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _until_live(channel: Channel) -> None:
    until = time.monotonic() + LONGEST
    while listening.of([channel])[channel.pk].standing != Standing.LIVE:
        if time.monotonic() > until:
            raise RuntimeError("The channel did not become live")
        time.sleep(0.1)
        channel.refresh_from_db()
