"""`manage.py media`: what is stored, moving it, checking it, and collecting what nobody names."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ingestion.errors import IngestionError
from ingestion.management._common import print_json
from ingestion.media import space, upkeep


class Command(BaseCommand):
    help = "Shows, moves, checks and tidies the stored files of messages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        status = acts.add_parser("status", help="How many files are where, and the room left.")
        move = acts.add_parser("move", help="Bring every file into another store.")
        move.add_argument("--to", required=True, choices=["local", "s3"])
        check = acts.add_parser("check", help="Compare every file with its row.")
        check.add_argument("--quick", action="store_true", help="Sizes only.")
        check.add_argument(
            "--refetch", action="store_true", help="Download again what is missing or damaged."
        )
        orphans = acts.add_parser("orphans", help="Find files that no message names.")
        orphans.add_argument("--delete", action="store_true")
        orphans.add_argument("--hours", type=float, default=upkeep.GRACE)
        for act in (status, move, check, orphans):
            act.add_argument("--json", action="store_true")

    def handle(self, *, act: str, json: bool, **options: Any) -> None:
        try:
            found = getattr(self, f"_{act}")(quiet=json, **options)
        except IngestionError as error:
            raise CommandError(str(error)) from error
        if json:
            print_json(found)
            return
        for line in _lines(found):
            self.stdout.write(line)

    def _status(self, **_: Any) -> dict[str, Any]:
        return {**upkeep.summary(), "room": asdict(space.room())}

    def _move(self, *, to: str, quiet: bool, **_: Any) -> dict[str, Any]:
        return self._watched(upkeep.move(to), "moved", quiet=quiet)

    def _check(self, *, quick: bool, refetch: bool, quiet: bool, **_: Any) -> dict[str, Any]:
        found = self._watched(upkeep.check(quick=quick), "checked", quiet=quiet)
        if refetch:
            found["refetched"] = upkeep.refetch()
        elif found["missing"] or found["damaged"]:
            self.stderr.write("With --refetch they are downloaded again.")
        return found

    def _orphans(self, *, delete: bool, hours: float, quiet: bool, **_: Any) -> dict[str, Any]:
        found = self._watched(upkeep.orphans(delete=delete, hours=hours), "found", quiet=quiet)
        return {**found, "deleted": delete}

    def _watched(self, steps: Iterator[upkeep.Done], word: str, *, quiet: bool) -> dict[str, Any]:
        """Run to the end while a terminal sees it go on; what was done."""
        done = upkeep.Done()
        with tqdm(desc=word, unit=" files", disable=None if not quiet else True) as bar:
            for done in steps:
                bar.update(done.files + done.missing + done.damaged - bar.n)
        return asdict(done)


def _lines(found: dict[str, Any], indent: str = "") -> Iterator[str]:
    """What was found, for people: a name and its value a line, what belongs to it below."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ")
        else:
            yield f"{indent}{name}: {value}"
