"""Valkey for one data directory. What it holds can be lost: PostgreSQL has the truth."""

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from tgadmin.embedded import processes
from tgadmin.embedded.binaries import valkey_server
from tgadmin.embedded.errors import ServerError
from tgadmin.embedded.paths import prepare_socket_directory, socket_directory, valkey_socket

if TYPE_CHECKING:
    import subprocess

_START_SECONDS = 15.0
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


class ValkeyServer:
    """A server without persistence on a Unix socket."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.socket = valkey_socket(data)
        self.log = data / "logs" / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        process = self.spawn()
        if not processes.wait_until(self._answers_or_ended, seconds=_START_SECONDS):
            self.stop()
            raise ServerError(
                f"Valkey did not answer within {_START_SECONDS:.0f} s. Look at {self.log}."
            )
        if process.poll() is not None:
            raise ServerError(f"Valkey did not start. Look at {self.log}.")

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start the server process without waiting until it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        prepare_socket_directory(socket_directory(self.data))
        with self.log.open("ab") as output:
            self.process = processes.spawn(
                [valkey_server(), *self._settings()],
                die_with=signal.SIGKILL,
                output=output,
                env=_ENVIRONMENT,
            )
        return self.process

    def stop(self, seconds: float = 5) -> None:
        if self.process:
            processes.stop(self.process, with_signal=signal.SIGTERM, seconds=seconds)

    def _settings(self) -> list[str]:
        return [
            *("--port", "0"),
            *("--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--daemonize", "no"),
            *("--dir", str(self.socket.parent)),
            *("--maxmemory-policy", "noeviction"),
        ]

    def _answers_or_ended(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            return True
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2)
        try:
            # The process id tells this server from the one of an earlier start.
            return bool(client.info("server")["process_id"] == self.process.pid)
        except (redis.RedisError, OSError):
            return False
        finally:
            client.close()
