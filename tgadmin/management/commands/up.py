"""Start everything and stay: `python3 manage.py up`."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tgadmin.management.supervisor import Options, Supervisor


class Command(BaseCommand):
    help = (
        "Starts PostgreSQL, Valkey, the web interface and the workers, and stays until Ctrl-C. "
        "The first start makes what is missing: keys, database, the first administrator."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=_port, default=8000, help="port of the web interface")
        parser.add_argument("--workers", type=_workers, default=2, help="processes that sync")
        parser.add_argument(
            "--no-input", "--noinput", action="store_true", help="never ask a question"
        )
        # manage.py takes these two before Django sees them; here they are for --help.
        parser.add_argument("--data", help="data directory (default: .data, or TGADMIN_DATA)")
        parser.add_argument(
            "--demo",
            action="store_true",
            help="an archive of made-up channels, with a Telegram server of its own",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        names = ("host", "port", "workers")
        asked = Options(**{name: options[name] for name in names}, quiet=options["verbosity"] == 0)
        sys.exit(Supervisor(asked).run())


def _port(text: str) -> int:
    return _between(text, 1, 65535)


def _workers(text: str) -> int:
    return _between(text, 1, 64)


def _between(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"a number from {least} to {most} is needed")
    return int(text)
