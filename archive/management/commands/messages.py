"""`manage.py messages [@name] [--search QUERY] [--kind KIND …] [--json]`: reading in a terminal."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand

from archive.management.filters import add_filters, filters_from
from archive.search import Filters, Results, excerpt, find
from ingestion.management._common import channel_from, count, print_json, print_table, workspace
from ingestion.models import Channel, Message, MessageStats

_PAGE: Final = 500
#: Characters of a text in the table.
_WIDTH: Final = 80


class Command(BaseCommand):
    help = "Shows archived messages, newest first: all, or those that hold given words."

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_channel(parser)
        add_filters(parser)
        parser.add_argument("--limit", type=count, default=50, metavar="N")
        parser.add_argument("--json", action="store_true", help="a list of objects")

    def add_channel(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", metavar="CHANNEL", nargs="?", help="all channels without it")

    def handle(self, **options: Any) -> None:
        ref, limit = options.get("ref"), options["limit"]
        channel = channel_from(ref) if ref else None
        filters = filters_from(options, workspace())
        found = _found(channel, filters, limit)
        if options["json"]:
            print_json([_as_dict(message, stats) for message, stats in found])
            return
        print_table(
            ("channel", "id", "date", "text"),
            [
                {
                    "channel": message.channel.username or message.channel.title,
                    "id": message.message_id,
                    "date": f"{message.date.astimezone(ZoneInfo(filters.zone)):%Y-%m-%d %H:%M}",
                    "text": _line(message, filters.words),
                }
                for message, _stats in found
            ],
        )


def _found(
    channel: Channel | None, filters: Filters, limit: int
) -> Iterator[tuple[Message, MessageStats | None]]:
    cursor: str | None = None
    while limit > 0:
        page: Results = find(
            workspace=workspace(),
            filters=filters,
            channel=channel,
            cursor=cursor,
            limit=min(limit, _PAGE),
        )
        for message in page.messages:
            yield message, page.stats.get((message.channel_id, message.message_id))
        limit -= len(page.messages)
        cursor = page.next_cursor
        if cursor is None:
            return


def _line(message: Message, query: str) -> str:
    text = "".join(piece.text for piece in excerpt(message.text, query, _WIDTH))
    return " ".join(text.split()) or f"({message.kind})"


def _as_dict(message: Message, stats: MessageStats | None) -> dict[str, Any]:
    return {
        "channel_id": message.channel_id,
        "peer_id": message.channel.peer_id,
        "message_id": message.message_id,
        "date": message.date,
        "edit_date": message.edit_date,
        "deleted_at": message.deleted_at,
        "sender_id": message.sender_id,
        "author": message.author,
        "kind": message.kind,
        "text": message.text,
        "entities": message.entities,
        "media": message.media_meta,
        "reply_to": message.reply_to,
        "forward": message.forward,
        "grouped_id": message.grouped_id,
        "topic_id": message.topic_id,
        "links": message.links,
        "hashtags": message.hashtags,
        "views": stats.views if stats else None,
        "forwards": stats.forwards if stats else None,
        "attached": stats.attached if stats else None,
        "replies": stats.replies if stats else None,
        "reactions": stats.reactions if stats else {},
    }
