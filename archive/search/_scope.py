"""Where to look, and for what."""

import re
from dataclasses import dataclass, replace
from typing import Any

from archive.filters import Filters
from ingestion.models import Channel
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look, and for what: the workspace's channels that are not removed, or the chosen
    ones, removed or not. `parameters` are those of the filters.
    """

    channels: list[int]
    chosen: bool
    filters: Filters
    parameters: dict[str, Any]

    @classmethod
    def of(cls, workspace: Workspace, channel: Channel | None, filters: Filters) -> "Scope":
        chosen = channel is not None or bool(filters.channels)
        return cls(_channels(workspace, channel, filters), chosen, filters, filters.parameters())

    @property
    def one(self) -> int | None:
        return self.channels[0] if len(self.channels) == 1 else None

    @property
    def by_words_alone(self) -> "Scope | None":
        """The same, asking for nothing but what the full-text index is entered by, which knows the
        words of a phrase and not their order; None where it is all that is asked for.
        """
        words = re.sub("<(-|0)>", "&", self.parameters["query"])
        days = replace(Filters(), since=self.filters.since, until=self.filters.until)
        alone = replace(days, zone=self.filters.zone).parameters()
        alone |= {"query": words, "patterns": None, "unwanted": None}
        return replace(self, parameters=alone) if alone != self.parameters else None


def _channels(workspace: Workspace, channel: Channel | None, filters: Filters) -> list[int]:
    if channel is not None:
        theirs = channel.workspace_id == workspace.pk
        named = not filters.channels or channel.pk in filters.channels
        return [channel.pk] if theirs and named else []
    rows = Channel.objects.filter(workspace=workspace)
    chosen = filters.channels
    rows = rows.filter(pk__in=chosen) if chosen else rows.filter(removed_at=None)
    return list(rows.values_list("pk", flat=True))
