"""A whole sync over the wire, beside the two things that it cannot be faster than."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from django.test.utils import override_settings
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from ingestion import calls
from ingestion.models import Account, Channel, MessageRaw
from ingestion.services import calls as posting
from ingestion.services import channels, runs
from ingestion.sources.mtproto.mapping import map_message
from sandbox.testing import SandboxProcess
from tgadmin import env
from tgadmin.env import DataCentre
from tgadmin.management.bench import ingest
from tgadmin.management.bench.rows import Row, rate, stopwatch
from workspaces.models import Workspace
from workspaces.services import default_workspace


def measure(*, quick: bool) -> tuple[list[Row], Channel]:
    """sync_wire_ratio and sync_peak_mb; and the channel, archived."""
    count, rounds = (20_000, 3) if quick else (100_000, 3)
    with telegram(count) as sandbox:
        account = connect(sandbox)
        channel = add_channel(account)
        _iterate(sandbox, account)  # the server prepares its pages
        bare: list[float] = []
        staged: list[float] = []
        ours: list[float] = []
        peaks: list[float] = []
        for _ in range(rounds):
            channels.remove(channel=channel, delete_messages=True)
            channel = add_channel(account)
            bare.append(_iterate(sandbox, account))
            seconds, megabytes = sync_now(sandbox, channel)
            ours.append(seconds)
            peaks.append(megabytes)
            staged.append(_copy(channel))
    messages = channel.totals.messages
    limit = min(rate(messages, bare), rate(messages, staged))
    return [
        Row("sync_wire_ratio", rate(messages, ours), "messages/s", target=0.6, limit=limit),
        Row("sync_peak_mb", max(peaks), "MB", target=300, at_most=True),
    ], channel


@contextmanager
def telegram(count: int) -> Iterator[SandboxProcess]:
    """A sandbox with one channel of so many messages, which the settings lead to."""
    with (
        tempfile.TemporaryDirectory(prefix="tgadmin-bench-") as directory,
        SandboxProcess(Path(directory), channels=1, messages=count, prepared=True) as sandbox,
        override_settings(
            TELEGRAM_DC=DataCentre(2, sandbox.host, sandbox.port),
            TELEGRAM_PUBLIC_KEY=sandbox.public_key,
            TELEGRAM_MIN_INTERVAL=0,
            SLICE_SECONDS=3600,
        ),
    ):
        yield sandbox


def connect(sandbox: SandboxProcess, workspace: Workspace | None = None) -> Account:
    """The sandbox's first account, logged in."""
    api_id, api_hash = sandbox.api
    return Account.objects.create(
        workspace=workspace or default_workspace(),
        phone="+" + sandbox.accounts[0]["phone"],
        api_id=api_id,
        api_hash=api_hash,
        session=sandbox.session_string(),
        state=Account.State.READY,
    )


def add_channel(account: Account) -> Channel:
    """Its channel, added as the form does."""
    call = posting.post(account=account, kind="add_channel", arguments={"ref": "channel_1"})
    calls.answer_call(call.pk)
    return Channel.objects.get(pk=posting.result(call).answer["channel_id"])


def sync_now(sandbox: SandboxProcess, channel: Channel) -> tuple[float, float]:
    """Seconds and peak megabytes of Sync now, worked in a process of its own."""
    runs.request_sync(channel=channel)
    answer = subprocess.run(
        [sys.executable, "-m", "tgadmin.management.bench.child", "sync"],
        cwd=env.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
        env=env.child_environment(
            TELEGRAM_DC=sandbox.dc,
            TELEGRAM_PUBLIC_KEY=str(sandbox.public_key),
            TELEGRAM_MIN_INTERVAL="0",
            TGADMIN_SLICE_SECONDS="3600",
        ),
    )
    told = orjson.loads(answer.stdout)
    return told["seconds"], told["peak_mb"]


def _iterate(sandbox: SandboxProcess, account: Account) -> float:
    """Telethon alone: every message parsed, and nothing done with it."""

    async def iterate() -> float:
        rsa.add_key(sandbox.public_key.read_bytes(), old=False)
        session = StringSession(account.session)
        session.set_dc(2, sandbox.host, sandbox.port)
        client = TelegramClient(session, account.api_id, account.api_hash, receive_updates=False)
        async with client:
            peer = await client.get_input_entity("channel_1")
            with stopwatch() as elapsed:
                async for _ in client.iter_messages(peer, wait_time=0):
                    pass
                return elapsed()

    return asyncio.run(iterate())


def _copy(channel: Channel) -> float:
    """A staged COPY of the same rows into the same tables, ready made."""
    stored = MessageRaw.objects.filter(channel=channel).order_by("-message_id")
    messages = [map_message(raw) for raw in stored.values_list("raw", flat=True).iterator()]
    return ingest.staged_copy(ingest.new_channel(), messages)
