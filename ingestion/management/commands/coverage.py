"""`manage.py coverage @name`: which message ids are had, absent, hidden, never asked for."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ingestion.coverage import report
from ingestion.management._common import channel_from, print_json


class Command(BaseCommand):
    help = "Shows which message ids of a channel are archived, absent, hidden or never asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", metavar="CHANNEL")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, ref: str, json: bool, **_: Any) -> None:
        channel = channel_from(ref)
        found = report(channel)
        if json:
            print_json(
                {
                    "claim": channel.has_claim,
                    "top_id": found.top_id,
                    "covered": found.covered.pairs,
                    "gaps": found.gaps.pairs,
                    "hidden": len(found.hidden),
                    "messages": found.messages,
                    "deleted": found.deleted,
                    "absent": found.absent,
                    "outside": found.outside,
                    "let_go": found.let_go,
                    "kept_since": found.kept_since,
                }
            )
            return
        if channel.has_claim:
            print(f"{channel.title}: {found.percent:.1f} % of ids 1-{found.top_id} answered for")
        else:
            print(
                f"{channel.title}: no claim, the ids of a basic group are shared with other chats"
            )
        print(f"  archived     {found.messages}, of these {found.deleted} deleted on Telegram")
        print(f"  absent       {found.absent}")
        if found.outside:
            print(f"  from exports {found.outside}, which Telegram was not asked for")
        if found.let_go:
            print(f"  let go       {found.let_go}, on purpose: not kept any longer")
        print(f"  hidden       {len(found.hidden)}")
        print(f"  never asked  {len(found.gaps)}")
        for low, high in found.gaps.pairs[:20]:
            print(f"    {low}-{high}")
        if len(found.gaps.pairs) > 20:
            print(f"    and {len(found.gaps.pairs) - 20} more gaps")
