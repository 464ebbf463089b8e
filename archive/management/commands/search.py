"""`manage.py search QUERY… [--limit N] [--json]`: the search box in a terminal."""

from argparse import ArgumentParser
from typing import Any

from archive.management.commands import messages


class Command(messages.Command):
    help = (
        "Shows the messages that a query finds, newest first. Write the query in quotes: "
        "manage.py search 'ferry \"night boat\" -storm has:photo channel:@name after:2026-05'"
    )

    def add_channel(self, parser: ArgumentParser) -> None:
        """The query says of which channels."""
        parser.add_argument("query", metavar="QUERY", nargs="+", help="as in the search box")

    def handle(self, **options: Any) -> None:
        words = [*options["query"], options["search"]]
        super().handle(**{**options, "search": " ".join(words).strip()})
