"""How a workspace stands, as every page shows it: three counts in one question."""

from dataclasses import dataclass

from django.db import connection

from ingestion.models import SyncRun
from workspaces.models import Workspace

_STANDING = """
SELECT
    (SELECT count(*) FROM ingestion_channel
     WHERE workspace_id = %(workspace)s AND removed_at IS NULL),
    (SELECT count(*) FROM ingestion_syncrun run
     JOIN ingestion_channel channel ON channel.id = run.channel_id
     WHERE channel.workspace_id = %(workspace)s AND run.state = ANY(%(active)s)),
    (SELECT coalesce(array_agg(state::text ORDER BY id), '{}') FROM ingestion_account
     WHERE workspace_id = %(workspace)s)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`channels` that are not removed, runs that are active, the state of each account."""

    channels: int
    active_runs: int
    account_states: list[str]


def of_workspace(workspace: Workspace) -> Standing:
    """The caller got the workspace from `workspaces.access`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDING,
            {"workspace": workspace.pk, "active": [str(state) for state in SyncRun.ACTIVE]},
        )
        return Standing(*cursor.fetchone())
