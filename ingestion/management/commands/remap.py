"""`manage.py remap [--channel X] [--anew] [--dry-run] [--json]`: stored records, mapped again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingestion.management._common import channel_from, count, print_json, workspace
from ingestion.models import Channel
from ingestion.remapping import BATCH, Report, remap


class Command(BaseCommand):
    help = (
        "Maps what is archived again from Telegram's own records, after an update that reads more "
        "of them. It makes no revisions, asks Telegram nothing, and goes on where it was "
        "interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--channel", metavar="CHANNEL", help="@name, t.me link, peer id or number; else all"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument(
            "--anew", action="store_true", help="begin with the first message, whatever was done"
        )
        parser.add_argument(
            "--batch", type=count, default=BATCH, metavar="N", help="messages a transaction"
        )
        parser.add_argument("--json", action="store_true")

    def handle(
        self,
        *,
        channel: str | None,
        dry_run: bool,
        anew: bool,
        batch: int,
        json: bool,
        **_: Any,
    ) -> None:
        everything = Channel.objects.filter(workspace=workspace()).order_by("pk")
        rows = []
        failed = 0
        for item in [channel_from(channel)] if channel else everything:
            report = Report()
            for report in remap(channel=item, dry_run=dry_run, anew=anew, batch=batch):
                if not json and self.stderr.isatty():
                    self.stderr.write(f"\r{item.title}: {report.read}", ending="")
            failed += report.failed
            rows.append(_row(item, report))
            if not json:
                print(_line(item, report, dry_run=dry_run))
        if json:
            print_json({"channels": rows})
        if failed:
            raise CommandError(
                f"{failed} records could not be mapped; their messages stay as they were."
            )


def _row(channel: Channel, report: Report) -> dict[str, Any]:
    return {
        "id": channel.peer_id,
        "title": channel.title,
        "read": report.read,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "errors": [{"message_id": number, "error": error} for number, error in report.errors],
    }


def _line(channel: Channel, report: Report, *, dry_run: bool) -> str:
    what = "would change" if dry_run else "changed"
    line = f"{channel.title}: {report.read} read, {report.changed} {what}"
    return f"{line}, {report.failed} could not be mapped" if report.failed else line
