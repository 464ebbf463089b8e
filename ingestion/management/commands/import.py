"""`manage.py import PATH [--channel REF] [--dry-run] [--json]`: a file into the archive."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ingestion.errors import IngestionError
from ingestion.importing import Work
from ingestion.importing.report import problems_told
from ingestion.management._common import print_json, workspace
from ingestion.models import Import
from ingestion.services import imports


class Command(BaseCommand):
    help = "Imports what other programs exported: Telegram Desktop, tgadmin, Telegram-Archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH", help="a file, a zip or a folder")
        parser.add_argument(
            "--channel",
            default="",
            metavar="CHANNEL",
            help="@name, t.me link or number: where the messages of the one channel in it go",
        )
        parser.add_argument("--dry-run", action="store_true", help="only tell what would come")
        parser.add_argument(
            "--time-zone",
            default="UTC",
            metavar="ZONE",
            help="where dates without an offset were written, such as Europe/Berlin",
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(
        self,
        *,
        path: str,
        channel: str,
        dry_run: bool,
        time_zone: str,
        json: bool,
        verbosity: int,
        **_: Any,
    ) -> None:
        try:
            ZoneInfo(time_zone)
            item, token = imports.start_here(
                workspace=workspace(),
                path=Path(path).expanduser().resolve(),
                channel_ref=channel,
                dry_run=dry_run,
                time_zone=time_zone,
            )
        except IngestionError as error:
            raise CommandError(str(error)) from error
        except (LookupError, ValueError) as error:
            raise CommandError(f"There is no time zone “{time_zone}”.") from error
        with tqdm(
            unit="B",
            unit_scale=True,
            disable=True if not verbosity or json else None,
            file=sys.stderr,
        ) as bar:

            def show(now: Import) -> None:
                bar.total = now.total
                bar.update(now.offset - bar.n)

            try:
                Work(item, token, progress=show).run()
            except KeyboardInterrupt:
                imports.stopped_here(item=item)
                raise CommandError(
                    "Stopped. What was imported before stays; import the file again to go on."
                ) from None
        if json:
            print_json(_as_dict(item))
        elif verbosity:
            _tell(item)
        if item.state == Import.State.CANCELLED:
            raise CommandError("It was cancelled. What was imported before stays.")
        if item.state == Import.State.FAILED:
            raise CommandError(str(item.error))


def _as_dict(item: Import) -> dict[str, Any]:
    report = item.report
    return {
        "id": item.pk,
        "file": item.file_name,
        "source": item.source,
        "state": item.state,
        "dry_run": item.dry_run,
        "channels": [
            {name: value for name, value in row.items() if name != "key"}
            for row in report.get("channels", ())
        ],
        "left_out": report.get("left_out", {}),
        "problems": problems_told(report),
        "error": str(item.error),
    }


def _tell(item: Import) -> None:
    for row in item.report.get("channels", ()):
        verb = "would be new" if item.dry_run else "new"
        print(
            f"“{row['title']}”: {row['read']:,} read, {row['new']:,} {verb}, "
            f"{row['changed']:,} changed, {row['unchanged']:,} unchanged, "
            f"{row['skipped']:,} skipped, {row['errors']:,} errors"
        )
        for reason, count in row["why"].items():
            print(f"  skipped, {imports.REASONS.get(reason, reason)}: {count:,}")
        files = row.get("files") or {}
        if files.get("stored"):
            verb = "would come" if item.dry_run else "came"
            print(f"  files, {verb}: {files['stored']:,} ({files['bytes']:,} bytes)")
        for count, words in imports.files_told(files):
            print(f"  {words}: {count:,}")
    left_out = item.report.get("left_out") or {}
    if left_out.get("chats"):
        print(
            f"{left_out['chats']:,} chats with {left_out['messages']:,} messages are no channels "
            "or supergroups, and were left out."
        )
    for problem in problems_told(item.report):
        print(f"  {problem['channel']}, message {problem['message_id']}: {problem['error']}")
