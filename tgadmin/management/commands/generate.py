"""`manage.py generate`: a made-up archive of any size, to size a machine or to measure on."""

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from ingestion.management._common import count, print_json
from tgadmin.management.generate import NAME, Making, Place, Plan, generate, remove
from tgadmin.management.generate.sizes import sizes

#: Seconds between two lines of progress.
_LOOK: Final = 5.0


def _number(text: str) -> int:
    """`20000`, `20k` or `10m`."""
    factors = {"k": 1_000, "m": 1_000_000}
    factor = factors.get(text[-1:].lower())
    return count(text[:-1]) * factor if factor else count(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-05-01") from error


class Command(BaseCommand):
    help = (
        "Makes up an archive in a workspace of its own, as fast as PostgreSQL takes it; the same "
        "seed makes the same one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=_number, metavar="N", help="how many: 20000, 1m")
        parser.add_argument("--channels", type=count, metavar="M", help="else as many as is usual")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--until", type=_day, metavar="DAY", help="the day after the last message; else today"
        )
        parser.add_argument("--workspace", default=NAME, metavar="NAME")
        parser.add_argument(
            "--beside", action="store_true", help="although a real archive is in this database"
        )
        parser.add_argument("--remove", action="store_true", help="delete it again")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, workspace: str, json: bool, **options: Any) -> None:
        self._quiet, self._told = json, time.monotonic()
        if options["remove"]:
            answer = self._remove(workspace)
        elif options["messages"]:
            answer = self._generate(workspace, **options)
        else:
            raise CommandError("Say how many: --messages 100000. Or --remove.")
        if json:
            print_json(answer)

    def _remove(self, name: str) -> dict[str, Any]:
        found = Place.find(name)
        if found is None:
            raise CommandError(f"There is no workspace “{name}” that this command made.")
        deleted = remove(found)
        self._tell(f"{deleted:,} messages were deleted, and the workspace “{name}” with them.")
        return {"workspace": name, "deleted": deleted}

    def _generate(
        self,
        name: str,
        *,
        messages: int,
        channels: int | None,
        seed: int,
        until: date | None,
        beside: bool,
        **_: Any,
    ) -> dict[str, Any]:
        place = Place.prepare(name=name, beside=beside)
        plan = Plan.of(
            messages=messages,
            channels=channels,
            seed=seed,
            until=until or datetime.now(UTC).date(),
        )
        began = time.monotonic()
        generate(plan=plan, place=place, tell=self._tell, step=self._step)
        seconds = time.monotonic() - began
        self._tell(
            f"{messages:,} messages in {plan.channels} channels of “{name}”, "
            f"{messages / seconds:,.0f}/s."
        )
        size = sizes(place.workspace)
        self._tell(
            f"{size.bytes_per_message:,.0f} bytes a message, "
            f"{size.bytes_without_indexes:,.0f} without indexes."
        )
        return {
            "workspace": name,
            "workspace_id": place.workspace.pk,
            "messages": messages,
            "channels": plan.channels,
            "seed": seed,
            "until": plan.until,
            "seconds": seconds,
            "messages_per_second": messages / seconds,
            "bytes_per_message": size.bytes_per_message,
            "bytes_without_indexes": size.bytes_without_indexes,
        }

    def _tell(self, text: str) -> None:
        if not self._quiet:
            print(text, flush=True)

    def _step(self, making: Making) -> None:
        """Progress goes to standard error, so that JSON stays alone on standard output."""
        if time.monotonic() - self._told < _LOOK:
            return
        self._told = time.monotonic()
        share = 100 * making.done / making.total
        print(
            f"{making.done:,} of {making.total:,} ({share:.0f} %), {making.rate:,.0f}/s, "
            f"{making.left / 60:.1f} min left",
            file=sys.stderr,
            flush=True,
        )
