"""`manage.py backfill [NAME] [--anew] [--queue] [--pause] [--json]`: work through large tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ingestion import backfills
from ingestion.management._common import print_json
from ingestion.models import Backfill


class Command(BaseCommand):
    help = (
        "Works through all rows of large tables beside everything else: without a name, lists what "
        "there is and how far it has come. It can be ended at any moment and goes on behind the "
        "last batch; the workers go on with what is left to them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", choices=[*backfills.known()])
        parser.add_argument("--anew", action="store_true", help="begin again with the first row")
        parser.add_argument("--queue", action="store_true", help="leave the work to the workers")
        parser.add_argument("--pause", action="store_true", help="stop it; NAME alone goes on")
        parser.add_argument("--json", action="store_true")

    def handle(
        self,
        *,
        name: str | None,
        anew: bool,
        queue: bool,
        pause: bool,
        json: bool,
        **_: Any,
    ) -> None:
        if name and pause:
            backfills.pause(name)
        elif name:
            backfills.start(name, anew=anew)
            if not queue:
                self._work(name, quiet=json or not self.stderr.isatty())
        elif anew or queue or pause:
            raise CommandError("Say which: " + ", ".join(backfills.known()))
        rows = [as_json(key) for key in backfills.known() if name in {None, key}]
        if json:
            print_json({"backfills": rows})
        else:
            for row in rows:
                print(_line(row))
        if any(row["state"] == Backfill.State.FAILED for row in rows if name):
            raise CommandError("It failed; start it again to go on where it was.")

    def _work(self, name: str, *, quiet: bool) -> None:
        """Slice after slice, until it is over or somebody else does it."""

        def progress(row: Backfill) -> None:
            if not quiet:
                text = f"\r{name}: {row.rows:,} of {row.estimate:,}, {row.rate:,.0f} rows/s "
                self.stderr.write(text, ending="")

        while True:
            row = Backfill.objects.get(pk=name)
            waits = row.not_before and row.not_before > timezone.now()
            if row.state != Backfill.State.QUEUED or waits:
                break
            if not backfills.work_slice(name, row.slice, tell_of=progress):
                break
        if not quiet:
            self.stderr.write("")


def as_json(name: str) -> dict[str, Any]:
    """How far one has come; `state` is null where it was never started."""
    row = Backfill.objects.filter(pk=name).first()
    if row is None:
        return {"name": name, "state": None, "rows": 0, "estimate": 0, "changed": 0}
    return {
        "name": name,
        "state": row.state,
        "rows": row.rows,
        "estimate": row.estimate,
        "changed": row.changed,
        "rows_per_second": round(row.rate, 1),
        "seconds_left": round(row.left.total_seconds()) if row.left else None,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "error": str(row.error) or None,
    }


def _line(row: dict[str, Any]) -> str:
    if row["state"] is None:
        return f"{row['name']}: never started"
    line = f"{row['name']}: {row['state']}, {row['rows']:,} of {row['estimate']:,} rows"
    line += f", {row['changed']:,} written"
    if row["seconds_left"] is not None:
        line += f", {row['seconds_left']} s left"
    return f"{line}. {row['error']}" if row["error"] else line
