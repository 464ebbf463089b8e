"""Starting the server on a data directory and keeping it up."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import orjson

from sandbox.control.commands import Context
from sandbox.control.server import ControlServer, socket_path
from sandbox.server import Server
from sandbox.tl.media import OTHER_DC, THIS_DC
from sandbox.world.live import Live
from sandbox.world.store import Store
from sandbox.world.world import FIXED_END, World

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


class StartError(RuntimeError):
    """Why the server cannot start; the sentence is for the person who started it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What ``serve`` was asked for."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    world: Path | None = None
    channels: int = 0
    messages: int = 500
    frozen: bool = False
    rate: float = 0.5
    prepared: bool = False
    gzip: bool | None = None
    delay: float = 0.0
    max_rate: float = 0.0
    die_with_parent: bool = False
    json: bool = False


def specification(options: Options) -> dict[str, Any]:
    """The world that the options name; one that is there already wins over it."""
    still = options.frozen
    spec: dict[str, Any] = {
        "seed": options.seed,
        "still": still,
        "end": FIXED_END if still else int(time.time()) - 60,
    }
    if options.world is not None:
        return {**spec, "kind": "file", "data": orjson.loads(options.world.read_bytes())}
    if options.channels:
        return {**spec, "kind": "made", "channels": options.channels, "messages": options.messages}
    return {**spec, "kind": "demo"}


def run(options: Options) -> None:
    """Serves until SIGINT, SIGTERM or the stop command."""
    if options.die_with_parent:
        _die_with_parent()
    options.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock(options.data):
        asyncio.run(_serve(options))


@contextlib.contextmanager
def _lock(directory: Path) -> Any:
    """One server a directory; the lock goes with the process."""
    with (directory / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"a sandbox runs in {directory} already") from None
        yield


async def _serve(options: Options) -> None:
    store = Store(options.data / "state.sqlite3")
    spec = store.meta("spec")
    known = spec is not None
    if not known:
        spec = specification(options)
        store.set_meta("spec", spec)
    world = World(store, spec)
    if options.frozen or not known:
        world.freeze(frozen=options.frozen)
    server = Server(options.data, store, world)
    server.gzip = not options.prepared if options.gzip is None else options.gzip
    server.delay = options.delay
    server.pace = 1 / options.max_rate if options.max_rate else 0.0
    if options.prepared:
        log.info("%d messages prepared", server.pages.prepare())
    try:
        ports = {
            THIS_DC: options.port or store.meta("port") or 0,
            OTHER_DC: store.meta("other_port") or 0,
        }
        await server.listen(options.host, ports)
    except OSError as error:
        raise StartError(f"cannot listen: {error}") from error
    store.set_meta("port", server.port)
    store.set_meta("other_port", server.ports[OTHER_DC])
    live = Live(world, store, options.rate)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    path = socket_path(options.data)
    info = {
        "dc": f"{THIS_DC}:{server.host}:{server.port}",
        "host": server.host,
        "port": server.port,
        "pid": os.getpid(),
        "public_key": str((options.data / "public_key.pem").resolve()),
        "control": str(path),
    }
    control = ControlServer(Context(server, live, stop, info), path)
    await control.start()
    _announce(options, info)
    ticker = loop.create_task(live.run())
    await stop.wait()
    ticker.cancel()
    control.close()
    await server.close()
    store.close()


def _announce(options: Options, info: dict[str, Any]) -> None:
    path = options.data / "server.json"
    temporary = path.with_suffix(".new")
    temporary.write_bytes(orjson.dumps(info))
    temporary.rename(path)
    out: IO[str] = sys.stdout
    if options.json:
        out.write(orjson.dumps(info).decode() + "\n")
    else:
        out.write(f"sandbox is ready: {info['dc']}\npublic key: {info['public_key']}\n")
    out.flush()


def _die_with_parent() -> None:
    """Asks Linux to kill this process when the one that started it ends."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
