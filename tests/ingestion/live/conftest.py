"""A listener beside an archive: what it hears is waited for, never slept for."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connection

from ingestion.coverage import report
from ingestion.live import turns
from ingestion.models import Account, Channel, ChannelLive, Message
from ingestion.services import listening
from ingestion.services.listening import Live, Standing
from tests.ingestion.world import World, assert_equal_to_truth

T = TypeVar("T")

PATIENCE = 20.0


def wait_for(condition: Callable[[], T | None], what: str, *, seconds: float = PATIENCE) -> T:
    """The first true result; fails, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)
    return found


class Listener:
    """One account's listener, in a thread as it would be in a process."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, account: Account | None = None) -> "Listener":
        self._stop = threading.Event()
        wanted = (account or self.world.account).pk
        self._thread = threading.Thread(target=turns.listen, args=(wanted, self._stop))
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._thread:
            self._stop.set()
            self._thread.join(20)
            assert not self._thread.is_alive()
            self._thread = None

    @property
    def runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def until(self, channel: Channel, standing: Standing = Standing.LIVE) -> Live:
        """Wait until the channel stands so."""
        return wait_for(
            lambda: found if (found := self.of(channel)).standing == standing else None, standing
        )

    def of(self, channel: Channel) -> Live:
        return listening.of([Channel.objects.get(pk=channel.pk)])[channel.pk]

    def caught_up(self, channel: Channel) -> None:
        """Wait until every event of the world was read, and compare."""
        peer = channel.peer_id

        def there() -> bool:
            cards = {card["id"]: card for card in self.world.sandbox.status()["channels"]}
            row = ChannelLive.objects.get(pk=channel.pk)
            return bool(row.pts == cards[peer]["pts"])

        wait_for(there, "the world's pts")

    def assert_true(self, channel: Channel) -> None:
        """The archive holds what the world holds, and the coverage knows it."""
        assert_equal_to_truth(channel, self.world.sandbox.truth(channel.peer_id))
        channel.refresh_from_db()
        found = report(channel)
        assert not found.gaps
        assert found.messages == Message.objects.filter(channel=channel).count()


@pytest.fixture
def listener(world: World) -> Iterator[Listener]:
    made = Listener(world)
    yield made
    made.stop()
    connection.close()


@pytest.fixture
def live(world: World) -> Callable[..., Channel]:
    """Makes a channel that is archived whole, and live."""

    def make(username: str = "channel_1", **fields: Any) -> Channel:
        channel = world.add(username)
        if fields.pop("synced", True):
            world.sync(channel)
        listening.set_live(channel=channel, live=True)
        return channel

    return make
