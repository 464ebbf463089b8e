"""`manage.py rollups [--channel X] [--check] [--json]`: the days that charts are drawn from."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.stats import rollup
from ingestion.management._common import channel_from, print_json, workspace
from ingestion.models import Channel


class Command(BaseCommand):
    help = (
        "Counts the messages of each day anew, which the writer otherwise keeps up to date; with "
        "--check it only tells which days differ, and fails when any does."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--channel", metavar="CHANNEL", help="@name, t.me link, peer id or number; else all"
        )
        parser.add_argument("--check", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="a list of objects")

    def handle(self, *, channel: str | None, check: bool, json: bool, **_: Any) -> None:
        everything = Channel.objects.filter(workspace=workspace()).order_by("pk")
        wrong = 0
        rows = []
        # A removed channel keeps its messages, and so its days.
        for item in [channel_from(channel)] if channel else everything.iterator():
            days = rollup.check(item.pk) if check else rollup.rebuild(item.pk)
            wrong += len(days)
            rows.append({"channel": item.pk, "title": item.title, "days": days})
            if not json and days:
                said = ", ".join(str(day) for day in days[:10])
                more = f" and {len(days) - 10} more" if len(days) > 10 else ""
                print(f"{item.title}: {said}{more}")
        if json:
            print_json(rows)
        elif not wrong:
            print("Every day is right.")
        elif not check:
            print(f"{wrong} days were wrong, and are right now.")
        if check and wrong:
            raise CommandError(
                f"{wrong} days differ from the messages that are archived. `manage.py rollups` "
                "counts them anew."
            )
