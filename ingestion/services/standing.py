"""How a workspace stands, as every page shows it, in one question."""

from dataclasses import dataclass

import orjson
from django.db import connection

from ingestion.models import SyncRun
from tgadmin.lib.told import Told
from workspaces.models import Workspace

_STANDING = """
SELECT
    (SELECT count(*) FROM ingestion_channel
     WHERE workspace_id = %(workspace)s AND removed_at IS NULL),
    (SELECT count(*) FROM ingestion_syncrun run
     JOIN ingestion_channel channel ON channel.id = run.channel_id
     WHERE channel.workspace_id = %(workspace)s AND run.state = ANY(%(active)s)),
    (SELECT coalesce(array_agg(state::text ORDER BY id), '{}') FROM ingestion_account
     WHERE workspace_id = %(workspace)s),
    (SELECT coalesce(
         json_agg(json_build_array(
             id, coalesce(nullif(label, ''), nullif(name, ''), phone), error) ORDER BY id), '[]')
     FROM ingestion_account WHERE workspace_id = %(workspace)s AND state = 'lost')
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """An account whose login Telegram refuses, by its name, and why."""

    pk: int
    name: str
    error: Told


@dataclass(frozen=True, slots=True)
class Standing:
    """`channels` that are not removed, runs that are active, the state of each account, and those
    whose login is lost.
    """

    channels: int
    active_runs: int
    account_states: list[str]
    lost: list[Lost]


def of_workspace(workspace: Workspace) -> Standing:
    """The caller got the workspace from `workspaces.access`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDING,
            {"workspace": workspace.pk, "active": [str(state) for state in SyncRun.ACTIVE]},
        )
        channels, runs, states, lost = cursor.fetchone()
    rows = orjson.loads(lost) if isinstance(lost, str | bytes) else lost
    return Standing(
        channels,
        runs,
        states,
        [Lost(pk, name, Told.from_json(error or [])) for pk, name, error in rows],
    )
