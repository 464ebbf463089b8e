"""The server's side of the control socket."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.control import commands

if TYPE_CHECKING:
    from sandbox.control.commands import Context

log = logging.getLogger(__name__)

LONGEST = 100
FLUSH = 400


def socket_path(directory: Path) -> Path:
    """Where the socket is: in the data directory, or, when that path is too long for a
    Unix socket, in a directory of its own below the temporary one (0700, the same for
    the same data directory).
    """
    path = directory.resolve() / "control.sock"
    if len(str(path).encode()) <= LONGEST:
        return path
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"sandbox-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid() or short.stat().st_mode & 0o077:
        raise PermissionError(f"{short} belongs to somebody else")
    return short / "control.sock"


class ControlServer:
    """Answers commands until it is closed."""

    def __init__(self, context: Context, path: Path) -> None:
        self._context = context
        self.path = path
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._connected, self.path, limit=1 << 26)
        self.path.chmod(0o600)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self.path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:
                await self._answer(orjson.loads(line), writer)
        except (ConnectionError, asyncio.IncompleteReadError, orjson.JSONDecodeError) as error:
            log.warning("control: %s", error)
        finally:
            writer.close()

    async def _answer(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        name = str(request.pop("command", ""))
        answer: dict[str, Any]
        try:
            if name in commands.STREAMS:
                count = 0
                for item in commands.STREAMS[name](self._context, **request):
                    writer.write(orjson.dumps({"item": item}) + b"\n")
                    count += 1
                    if count % FLUSH == 0:
                        await writer.drain()
                        await asyncio.sleep(0)  # a long truth must not hold up the clients
                answer = {"ok": True, "result": {"items": count}}
            elif name in commands.COMMANDS:
                answer = {"ok": True, "result": commands.COMMANDS[name](self._context, **request)}
            else:
                answer = {"ok": False, "error": f"no command {name}"}
        except (LookupError, ValueError, TypeError) as error:
            answer = {"ok": False, "error": str(error.args[0] if error.args else error)}
        writer.write(orjson.dumps(answer) + b"\n")
        await writer.drain()
