"""What people look at first is worked out before they do, after Valkey forgot it."""

from django.http import QueryDict
from django.utils import timezone

from dashboard import overview, ranges
from ingestion.models import Channel
from workspaces.access import within
from workspaces.middleware import zone
from workspaces.models import Workspace


def warm(workspace_id: int) -> None:
    """The dashboard's bars, as somebody sees them who is in the workspace's time zone."""
    workspace = Workspace.objects.get(pk=workspace_id)
    rows = within(workspace, Channel.objects.filter(removed_at=None))
    channels = list(rows.order_by("pk").values_list("pk", flat=True))
    with timezone.override(zone(workspace.time_zone)):
        if channels:
            overview.bars(workspace_id, channels, ranges.parse(QueryDict()))
