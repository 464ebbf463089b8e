"""The channel that an address is about."""

from dashboard.guard import Request
from ingestion.models import Channel
from workspaces.access import access
from workspaces.roles import Permission


def get(request: Request, pk: int, permission: Permission = Permission.READ) -> Channel:
    """The channel, or the answer that its workspace gives to this person."""
    return access(request.user, Channel.objects.select_related("workspace"), permission, pk=pk)
