"""`manage.py retention [CHANNEL …]`: how long messages are kept, and what that lets go."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from archive import retention
from archive.exports import FileSink
from archive.models import RetentionPolicy, RetentionRun
from ingestion.errors import IngestionError
from ingestion.management._common import channel_from, print_json, print_table, workspace
from ingestion.models import Channel

#: Seconds after which it looks again whether it is to go on.
STEP: Final = 5.0
#: By `--delete` and `--media`.
_ACTIONS: Final = {
    (False, False): RetentionPolicy.Action.MOVE,
    (True, False): RetentionPolicy.Action.DELETE,
    (False, True): RetentionPolicy.Action.MOVE_MEDIA,
    (True, True): RetentionPolicy.Action.DELETE_MEDIA,
}
_COLUMNS: Final = ("channel", "days", "messages", "files", "bytes", "oldest", "newest", "held")


class Command(BaseCommand):
    help = "Shows what retention would let go; sets rules, places holds, and lets go at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("refs", metavar="CHANNEL", nargs="*", help="all channels without it")
        parser.add_argument("--days", type=int, metavar="N", help="what N days would let go")
        parser.add_argument("--set", action="store_true", help="make --days the rule from now on")
        parser.add_argument("--for-ever", action="store_true", help="keep everything again")
        parser.add_argument(
            "--delete", action="store_true", help="with --set: write no archive file before"
        )
        parser.add_argument(
            "--media", action="store_true", help="with --set: only files go, the messages stay"
        )
        parser.add_argument(
            "--lines",
            metavar="FILE",
            type=Path,
            help="write an archive file as JSON Lines, to import",
        )
        parser.add_argument("--hold", metavar="REASON", help="let nothing of these channels go")
        parser.add_argument("--lift", action="store_true", help="lift the hold on these channels")
        parser.add_argument("--apply", action="store_true", help="let go now what is too old")
        parser.add_argument("--json", action="store_true", help="a list of objects")

    def handle(self, *, refs: list[str], json: bool, **options: Any) -> None:
        if options["lines"]:
            _unpack(options["lines"])
            return
        named = [channel_from(ref) for ref in refs]
        everything = Channel.objects.filter(workspace=workspace()).order_by("pk")
        channels = named or list(everything)
        try:
            _change(named, options)
            if options["apply"]:
                for channel in channels:
                    _apply(channel)
        except IngestionError as error:
            raise CommandError(str(error)) from error
        rows = [_row(channel, options["days"]) for channel in channels]
        if json:
            print_json(rows)
            return
        print_table(_COLUMNS, rows)


def _change(named: list[Channel], options: dict[str, Any]) -> None:
    if options["set"] or options["for_ever"]:
        if options["set"] and options["days"] is None:
            raise CommandError("Say for how many days: --set needs --days.")
        rule: dict[str, Any] = {
            "days": None if options["for_ever"] else options["days"],
            "action": _ACTIONS[options["delete"], options["media"]],
        }
        if not named:
            retention.keep(workspace=workspace(), **rule)
        for channel in named:
            retention.keep(workspace=channel.workspace, channel=channel, **rule)
    if (options["hold"] or options["lift"]) and not named:
        raise CommandError("Name the channels that the hold is about.")
    for channel in named:
        if options["hold"]:
            retention.place_hold(channel=channel, reason=options["hold"])
        if options["lift"]:
            retention.lift_hold(channel=channel)


def _unpack(path: Path) -> None:
    """Beside the archive file, under its name."""
    if path.suffix != ".parquet" or not path.is_file():
        raise CommandError(f"{path} is no archive file: name one that ends with .parquet.")
    target = path.with_suffix(".jsonl")
    with FileSink(target, temporary=target.with_suffix(".part")) as sink:
        rows = retention.unpack(path, sink)
        sink.seal()
        sink.publish()
    print(f"{target}: {rows} messages. Import it with: manage.py import {target}")


def _apply(channel: Channel) -> None:
    if retention.kept(channel).days is None or retention.hold_on(channel):
        return
    run = retention.start(channel=channel)
    while retention.work(run_id=run.pk, seconds=STEP):
        pass
    run.refresh_from_db()
    if run.state == RetentionRun.State.FAILED:
        raise CommandError(str(run.error))


def _row(channel: Channel, asked: int | None) -> dict[str, Any]:
    days = asked or retention.kept(channel).days
    hold = retention.hold_on(channel)
    row: dict[str, Any] = {"channel": channel.title, "days": days, "held": hold and hold.reason}
    if days:
        action = retention.kept(channel).action
        seen = retention.preview(channel, days=days, action=action)
        row |= {"messages": seen.messages, "files": seen.files, "bytes": seen.bytes}
        row |= {"oldest": seen.oldest, "newest": seen.newest}
    return {name: row.get(name) for name in _COLUMNS}
