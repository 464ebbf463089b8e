"""Running the product's code in a process of its own, on this test's database."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from tgadmin.embedded import postgres_url, valkey_url

_PROLOGUE = "import django; django.setup()\n"


def environment(export_dir: Path) -> dict[str, str]:
    """The product's own settings; `export_dir` has to be called `exports`."""
    servers = Path(settings.TGADMIN_DATA_DIR)
    database = str(connection.settings_dict["NAME"])
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(settings.BASE_DIR),
        "DJANGO_SETTINGS_MODULE": "tgadmin.settings",
        "TGADMIN_ENV_FILE": "",
        "TGADMIN_DATA": str(export_dir.parent),
        "TGADMIN_SECRET_KEY": settings.SECRET_KEY,
        "TGADMIN_ENCRYPTION_KEYS": " ".join(settings.ENCRYPTION_KEYS),
        "DATABASE_URL": postgres_url(servers).replace("/app?", f"/{database}?"),
        "REDIS_URL": valkey_url(servers),
        "LOG_LEVEL": "WARNING",
    }


@contextlib.contextmanager
def started(code: str, export_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run Python code in which Django is set up; killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROLOGUE + code],
        env=environment(export_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run(code: str, export_dir: Path) -> str:
    """What the code printed."""
    with started(code, export_dir) as process:
        out, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return out


def manage(*arguments: str, export_dir: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run `manage.py …`."""
    code = f"{_PROLOGUE}from django.core.management import execute_from_command_line as run\n"
    code += f"run({['manage.py', *arguments]!r})"
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(export_dir),
        capture_output=True,
        timeout=60,
        check=False,
    )
