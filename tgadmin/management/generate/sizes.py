"""What a message takes on disk."""

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Sum

from ingestion.models import ChannelTotals
from workspaces.models import Workspace

#: Bytes of every table that has rows by message, with and without its indexes.
_TABLES: Final = """
SELECT relation.relname, pg_total_relation_size(relation.oid), pg_indexes_size(relation.oid)
FROM pg_class relation
WHERE relation.oid = ANY(%(tables)s::regclass[]) ORDER BY relation.relname
"""
#: Tables that have rows by message.
BY_MESSAGE: Final = (
    "ingestion_message",
    "ingestion_messagestats",
    "ingestion_messageraw",
    "ingestion_messagerevision",
    "ingestion_medium",
    "ingestion_countersnapshot",
    "archive_channelday",
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of each table and of its indexes, and how many messages share them."""

    messages: int
    tables: dict[str, tuple[int, int]]

    @property
    def bytes_per_message(self) -> float:
        return sum(whole for whole, _ in self.tables.values()) / max(self.messages, 1)

    @property
    def bytes_without_indexes(self) -> float:
        """Of the tables alone, a message."""
        return sum(whole - index for whole, index in self.tables.values()) / max(self.messages, 1)


def sizes(workspace: Workspace) -> Sizes:
    """Of a workspace that is alone in its database; else others' rows are counted, too."""
    totals = ChannelTotals.objects.filter(channel__workspace=workspace)
    messages = totals.aggregate(messages=Sum("messages"))["messages"] or 0
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, {"tables": list(BY_MESSAGE)})
        found = {name: (whole, index) for name, whole, index in cursor.fetchall()}
    return Sizes(messages, found)
