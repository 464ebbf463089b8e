"""The memory of a process that listens: with one channel, with many, and after many events."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from django.test.utils import override_settings
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession
from telethon.tl.types import Channel as TelegramChannel

from ingestion.models import Account, Channel, ChannelAccess, ChannelLive
from ingestion.services import listening
from sandbox.testing import SandboxProcess
from tgadmin.env import DataCentre
from tgadmin.management.bench import live, wire
from tgadmin.management.bench.memory import rss_mb
from tgadmin.management.bench.rows import Row
from workspaces.models import Workspace

#: Channels that are listened to, one measurement after the other.
CHANNELS: Final = (1, 50, 500)
#: Messages posted while the most are listened to; half of them are there to warm up.
EVENTS: Final = 10_000
#: Seconds for whatever is waited for.
LONGEST: Final = 600.0


def measure(*, quick: bool) -> list[Row]:
    """listener_peak_mb, with 500 channels and 10,000 events; and listener_growth, what the second
    half of the events added to what the process had after the first.
    """
    sizes, events = (CHANNELS[:2], EVENTS // 5) if quick else (CHANNELS, EVENTS)
    with (
        tempfile.TemporaryDirectory(prefix="tgadmin-bench-") as directory,
        SandboxProcess(Path(directory), channels=max(sizes), messages=3) as telegram,
        override_settings(
            TELEGRAM_DC=DataCentre(2, telegram.host, telegram.port),
            TELEGRAM_PUBLIC_KEY=telegram.public_key,
            TELEGRAM_MIN_INTERVAL=0,
        ),
    ):
        account = wire.connect(telegram, Workspace.objects.create(name="Listening"))
        channels = _add_all(telegram, account)
        more: dict[str, float] = {}
        for size in sizes:
            for channel in channels[:size]:
                listening.set_live(channel=channel, live=True)
            with live.listener(telegram) as process:
                _wait(lambda: _are_live(channels[:size]), "channels that are live")  # noqa: B023
                more[f"channels_{size}"] = rss_mb(_child(process))
                if size == max(sizes):
                    halves = _hear(telegram, channels[:size], events, process)
    more |= {"after_half": halves[0], "after_all": halves[1], "events": events}
    return [
        Row("listener_peak_mb", max(more[name] for name in more if name != "events"), "MB",
            target=250, at_most=True, more=more),
        Row("listener_growth", halves[1] / halves[0], "of half", target=1.05, at_most=True),
    ]  # fmt: skip


def _add_all(telegram: SandboxProcess, account: Account) -> list[Channel]:
    """Every channel of the account, as its list of dialogs has them."""

    async def dialogs() -> list[TelegramChannel]:
        rsa.add_key(telegram.public_key.read_bytes(), old=False)
        session = StringSession(account.session)
        session.set_dc(2, telegram.host, telegram.port)
        client = TelegramClient(session, account.api_id, account.api_hash, receive_updates=False)
        async with client:
            found = [dialog.entity async for dialog in client.iter_dialogs()]
        return [one for one in found if isinstance(one, TelegramChannel)]

    found = sorted(asyncio.run(dialogs()), key=lambda one: int(one.id))
    channels = Channel.objects.bulk_create(
        Channel(
            workspace=account.workspace,
            peer_id=-1_000_000_000_000 - one.id,
            kind="broadcast" if one.broadcast else "supergroup",
            title=one.title,
            username=one.username or "",
        )
        for one in found
    )
    ChannelAccess.objects.bulk_create(
        ChannelAccess(channel=channel, account=account, access_hash=one.access_hash)
        for channel, one in zip(channels, found, strict=True)
    )
    return channels


def _hear(
    telegram: SandboxProcess,
    channels: list[Channel],
    events: int,
    process: subprocess.Popen[bytes],
) -> list[float]:
    """Megabytes after half of the events, and after all of them."""
    halves = []
    for half in range(2):
        for number in range(events // 2):
            channel = channels[number % len(channels)]
            telegram.post(channel.peer_id, f"Message {number} of half {half} " + "word " * 40)
        _wait(lambda: _are_read(telegram, channels), "everything that was posted")
        halves.append(rss_mb(_child(process)))
    return halves


def _are_live(channels: list[Channel]) -> bool:
    rows = ChannelLive.objects.filter(channel__in=channels, state=ChannelLive.State.LIVE)
    return rows.count() == len(channels)


def _are_read(telegram: SandboxProcess, channels: list[Channel]) -> bool:
    cards = {card["id"]: card["pts"] for card in telegram.status()["channels"]}
    rows = ChannelLive.objects.filter(channel__in=channels)
    return all(cards[peer] == pts for peer, pts in rows.values_list("channel__peer_id", "pts"))


def _child(process: subprocess.Popen[bytes]) -> int:
    """Who listens with the account: the parent only looks after its children, and those of other
    accounts, which what was measured before has left, have less to do.
    """
    told = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return max(map(int, told.split()), key=rss_mb)


def _wait(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(f"{what}: not within {LONGEST:g} s (process {os.getpid()})")
        time.sleep(0.2)
