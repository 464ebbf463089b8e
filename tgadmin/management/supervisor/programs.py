"""The programs of an installation, each started as a child that ends with `up`."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from django.core.management import get_commands

from tgadmin import env
from tgadmin.embedded import processes

_MANAGE = env.BASE_DIR / "manage.py"
#: How far (nice(2)) workers stand behind whoever reads pages, and by queue: for the answers to calls
#: somebody waits.
BACKGROUND: Final = 10
_STEPS_BACK: Final = {"slices": 5, "calls": 0, "exports": BACKGROUND, "media": BACKGROUND}


class Programs:
    """How to start each program for one data directory."""

    def __init__(self, data: Path, *, demo: bool) -> None:
        self.data = data
        self.demo = demo
        self.sandbox_file = data / "sandbox" / "server.json"
        self.environment = env.child_environment(
            TGADMIN_DATA=str(data),
            TGADMIN_DEMO="1" if demo else "",
            # A child that comes back must not start installing after a `git pull`.
            TGADMIN_NO_VENV="1",
            DJANGO_SETTINGS_MODULE="tgadmin.settings",
            PYTHONUNBUFFERED="1",
        )

    def manage(self, *arguments: str, nice: int = 0) -> "subprocess.Popen[bytes]":
        return self._python(str(_MANAGE), *arguments, nice=nice)

    def worker(self, queue: str) -> "subprocess.Popen[bytes]":
        """Start a worker. Where a person waits for what it does, it gives way to nobody."""
        return self.manage("worker", queue, nice=_STEPS_BACK[queue])

    def setup(self) -> "subprocess.Popen[bytes]":
        """Start the set-up, which loads Django and then waits for a line: the servers are there."""
        return self._python(str(_MANAGE), "setup", "--when-told", stdin=subprocess.PIPE)

    def web(self, host: str, port: int) -> "subprocess.Popen[bytes]":
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        config = "python:tgadmin.management.supervisor.gunicorn_conf"
        return self._python("-m", "gunicorn", "--config", config, "--bind", bind)

    def sandbox(self) -> "subprocess.Popen[bytes]":
        """Start the demo's Telegram, which keeps the port it had, so that clients find it again."""
        folder = str(self.sandbox_file.parent)
        return self._python("-m", "sandbox", "serve", "--demo", "--data", folder)

    def point_at_sandbox(self) -> None:
        """Let every child from now on take the sandbox for Telegram."""
        found = json.loads(self.sandbox_file.read_text(encoding="utf-8"))
        self.environment |= {
            "TELEGRAM_DC": str(found["dc"]),
            "TELEGRAM_PUBLIC_KEY": str(found["public_key"]),
            "TELEGRAM_MIN_INTERVAL": "0",
        }

    def _python(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, nice: int = 0
    ) -> "subprocess.Popen[bytes]":
        return processes.spawn(
            [sys.executable, *arguments],
            # What they were doing is in PostgreSQL; a gentle end might take longer than nothing.
            die_with=signal.SIGKILL,
            output=subprocess.PIPE,
            env=self.environment,
            cwd=env.BASE_DIR,
            stdin=stdin,
            nice=nice,
        )


def has_command(name: str) -> bool:
    return name in get_commands()
