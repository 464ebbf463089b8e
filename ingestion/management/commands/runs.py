"""`manage.py runs`: what is going on and what was; pause, resume and cancel."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingestion import tasks
from ingestion.management._common import channel_from, count, print_json, print_table, workspace
from ingestion.models import SyncRun
from ingestion.services import progress, runs


class Command(BaseCommand):
    help = "Lists runs, newest first; pauses, resumes or cancels one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", nargs="?", metavar="CHANNEL")
        parser.add_argument("--limit", type=count, default=20)
        parser.add_argument("--json", action="store_true")
        wish = parser.add_mutually_exclusive_group()
        for name in ("pause", "resume", "cancel"):
            wish.add_argument(f"--{name}", type=int, metavar="RUN")

    def handle(self, *, ref: str | None, limit: int, json: bool, **options: Any) -> None:
        for name in ("pause", "resume", "cancel"):
            if options[name] is not None:
                self._wish(name, options[name])
                return
        rows = SyncRun.objects.filter(channel__workspace=workspace())
        if ref:
            rows = rows.filter(channel=channel_from(ref))
        shown = [
            {
                "id": run.pk,
                "channel": run.channel.username or run.channel.title,
                "kind": run.kind,
                "state": run.state,
                "percent": round(progress.of_run(run).percent, 1),
                "new": run.new,
                "changed": run.changed,
                "deleted": run.deleted,
                "requests": run.requests,
                "created_at": run.created_at,
                "ended_at": run.ended_at,
                "error": str(run.error),
            }
            for run in rows.select_related("channel").order_by("-pk")[:limit]
        ]
        if json:
            print_json(shown)
        else:
            print_table(["id", "channel", "kind", "state", "percent", "new", "error"], shown)

    def _wish(self, name: str, number: int) -> None:
        run = SyncRun.objects.filter(channel__workspace=workspace(), pk=number).first()
        if run is None or not getattr(runs, name)(run=run):
            raise CommandError(f"Run {number} is not one that can be told to {name}.")
        tasks.enqueue_due()
