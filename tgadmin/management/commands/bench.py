"""`manage.py bench`: how fast this machine does it, as ratios to limits of the same run."""

import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from tgadmin import env
from tgadmin.embedded import PostgresServer, ValkeyServer
from tgadmin.management.bench.scale.size import Size


class Command(BaseCommand):
    help = (
        "Measures writing, syncing, exporting and starting, on servers and data of its own; "
        "your archive is not touched."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quick", action="store_true", help="fewer messages and rounds")
        parser.add_argument(
            "--scale",
            type=Size.parse,
            metavar="SIZE",
            help="search, pages, exports and writing in an archive of 1m or 10m messages",
        )
        parser.add_argument(
            "--directory", type=Path, metavar="DIR", help="where the archive of --scale is kept"
        )
        parser.add_argument("--json", action="store_true")

    def handle(
        self, *, quick: bool, json: bool, scale: Size | None, directory: Path | None, **_: Any
    ) -> None:
        with ExitStack() as around:
            if scale:
                kept = (directory or scale.directory).absolute()
                kept.mkdir(parents=True, exist_ok=True)
                self._run(kept, ["scale", scale.label], json=json)
            else:
                temporary = tempfile.TemporaryDirectory(prefix="tgadmin-bench-", dir="/tmp")
                options = ["--quick"] if quick else []
                self._run(Path(around.enter_context(temporary)), ["all", *options], json=json)

    def _run(self, data: Path, arguments: list[str], *, json: bool) -> None:
        """With servers of its own in `data`, in a process of its own."""
        rows = []
        postgres, valkey = PostgresServer(data), ValkeyServer(data)
        try:
            postgres.start()
            valkey.start()
            for row in self._measure(data, arguments):
                rows.append(row)
                if not json:
                    print(_line(row), flush=True)
        finally:
            valkey.stop()
            postgres.stop()
        if json:
            sys.stdout.buffer.write(
                orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            )

    def _measure(self, data: Path, arguments: list[str]) -> Iterator[dict[str, Any]]:
        command = [sys.executable, "-m", "tgadmin.management.bench.child", *arguments]
        with subprocess.Popen(
            command,
            cwd=env.BASE_DIR,
            stdout=subprocess.PIPE,
            env=env.child_environment(
                TGADMIN_DATA=str(data),
                TGADMIN_DEMO="",
                DATABASE_URL="",
                REDIS_URL="",
                TGADMIN_SECRET_KEY="bench-" + "x" * 50,
                TGADMIN_ENCRYPTION_KEYS="YmVuY2gtb25seS1iZW5jaC1vbmx5LWJlbmNoLW9ubHk=",
                LOG_LEVEL="WARNING",
            ),
        ) as process:
            assert process.stdout  # noqa: S101, it is a pipe
            for line in process.stdout:
                yield orjson.loads(line)
        if process.returncode:
            raise CommandError(f"The measuring process failed with {process.returncode}.")


def _line(row: dict[str, Any]) -> str:
    limit = f"of {row['limit']:,.0f}" if row["limit"] else ""
    ratio = f"= {row['ratio']:.2f}" if row["ratio"] is not None else ""
    met = "met" if row["met"] else "MISSED"
    value = f"{row['value']:,.1f} {row['unit']}"
    return f"{row['name']:<32} {value:>24} {limit:<14} {ratio:<7} target {row['target']:,} {met}"
