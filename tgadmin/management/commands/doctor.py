"""`manage.py doctor [--json]`: what is in order and what is not."""

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from tgadmin.doctor import Finding, Level, examine


class Command(BaseCommand):
    help = (
        "Looks over the installation: programs, data directory, servers, workers, Telegram. "
        "Changes nothing; exits with 1 when something does not work."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print a list of objects")

    def handle(self, *, json: bool, verbosity: int, **_: Any) -> None:
        found = examine()
        if json:
            options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
            sys.stdout.buffer.write(orjson.dumps([asdict(row) for row in found], option=options))
            sys.stdout.buffer.flush()
        else:
            width = max(len(row.check) for row in found)
            for row in found:
                if verbosity or row.level != Level.OK:
                    self._print(row, width)
        if any(row.level == Level.FAIL for row in found):
            sys.exit(1)

    def _print(self, row: Finding, width: int) -> None:
        style = {
            Level.OK: self.style.SUCCESS,
            Level.WARN: self.style.WARNING,
            Level.FAIL: self.style.ERROR,
        }[row.level]
        self.stdout.write(f"{style(f'{row.level:<4}')}  {row.check:<{width}}  {row.text}")
        if row.todo:
            self.stdout.write(f"{'':<{width + 8}}→ {row.todo}")
