"""Of which channels an export is made."""

from archive.exports.options import Options
from archive.models import Export
from ingestion.errors import InputError
from ingestion.models import Channel
from workspaces.models import Workspace


def channels_of(workspace: Workspace, options: Options) -> list[Channel]:
    """The chosen ones; else all of the workspace that were not removed, in the order in which
    they were added. Raises `InputError` when none is left.
    """
    rows = Channel.objects.filter(workspace=workspace)
    chosen = options.filters.channels
    rows = rows.filter(pk__in=chosen) if chosen else rows.filter(removed_at=None)
    found = list(rows.order_by("pk"))
    if not found:
        raise InputError(
            "EXPORT_SCOPE",
            "There is no channel left of which this export could be made.",
            "Choose channels that are in the archive, and make the export again.",
        )
    return found


def of_export(export: Export, options: Options) -> list[Channel]:
    """Those of a row."""
    return [export.channel] if export.channel else channels_of(export.workspace, options)
