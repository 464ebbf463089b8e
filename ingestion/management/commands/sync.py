"""`manage.py sync @name [--wait]`: what Sync now does, with its progress in the terminal."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.management._common import channel_from, print_json
from ingestion.models import Channel, SyncRun
from ingestion.services import progress, runs, workers

#: Seconds between two looks.
LOOK = 0.5


class Command(BaseCommand):
    help = "Brings a channel up to date, fills its gaps and reads its newest messages again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", metavar="CHANNEL")
        parser.add_argument("--wait", action="store_true", help="show progress until it is over")
        parser.add_argument("--json", action="store_true", help="print the runs at the end")

    def handle(self, *, ref: str, wait: bool, json: bool, verbosity: int, **_: Any) -> None:
        channel = channel_from(ref)
        try:
            runs.request_sync(channel=channel)
        except IngestionError as error:
            raise CommandError(str(error)) from error
        tasks.enqueue_due()
        if wait:
            self._follow(channel, quiet=json or not verbosity)
        elif not json and verbosity:
            print(f"“{channel.title}” is being synced. `manage.py runs` shows how it goes.")
        standing = progress.of_channel(channel)
        shown = [_as_dict(item) for item in standing.runs] if standing else []
        if json:
            print_json(shown)
        failed = [item for item in shown if item["state"] == SyncRun.State.FAILED]
        if wait and failed:
            raise CommandError(failed[0]["error"])

    def _follow(self, channel: Channel, *, quiet: bool) -> None:
        if not workers.alive():
            raise CommandError(
                "No worker is alive; the runs are queued. Start it: `python3 manage.py up`."
            )
        with tqdm(
            total=None, unit="id", file=sys.stderr, disable=quiet, desc=channel.username
        ) as bar:
            while (standing := progress.of_channel(channel)) and standing.active:
                bar.total = standing.total or None
                bar.n = standing.done
                bar.set_postfix_str(_what_happens(standing))
                bar.refresh()
                if all(item.run.state == SyncRun.State.PAUSED for item in standing.runs):
                    return
                time.sleep(LOOK)
            if standing:
                bar.total = bar.n = standing.done
                bar.refresh()


def _what_happens(standing: progress.PressProgress) -> str:
    for item in standing.runs:
        if item.wait_seconds:
            return f"{item.run.kind} waits {item.wait_seconds} s: {item.run.error}"
    return ", ".join(
        f"{item.run.kind} {item.run.state}"
        for item in standing.runs
        if item.run.state in SyncRun.ACTIVE
    )


def _as_dict(item: progress.RunProgress) -> dict[str, Any]:
    run = item.run
    return {
        "id": run.pk,
        "kind": run.kind,
        "state": run.state,
        "total": item.total,
        "done": item.done,
        "new": run.new,
        "changed": run.changed,
        "unchanged": run.unchanged,
        "counters": run.counters,
        "absent": run.absent,
        "deleted": run.deleted,
        "quarantined": run.quarantined,
        "requests": run.requests,
        "error": str(run.error),
    }
