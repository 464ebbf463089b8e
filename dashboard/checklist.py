"""The first steps of a workspace: what is done is seen from its data. And the demo beside it."""

import contextlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from archive.models import Export
from dashboard.shell import Shell
from ingestion.models import Account
from workspaces.models import Workspace


@dataclass(frozen=True)
class Step:
    """`address` is empty where the person's role does not lead there."""

    key: str
    title: str
    text: str
    done: bool
    action: str = ""
    address: str = ""


@dataclass(frozen=True)
class Checklist:
    steps: list[Step]
    #: Whether the person may close the list for everybody.
    can_dismiss: bool

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def now(self) -> Step | None:
        """The step to do next."""
        return next((step for step in self.steps if not step.done), None)


def of(shell: Shell) -> Checklist | None:
    """The list, or None when everything on it is done or somebody closed it."""
    if shell.workspace.checklist_dismissed_at:
        return None
    found = Checklist(_steps(shell), can_dismiss=shell.can["channels"])
    return found if found.done < len(found.steps) else None


def _steps(shell: Shell) -> list[Step]:
    facts = _facts(shell.workspace)
    account, unfinished = facts["account"], None if facts["account"] else facts["unfinished"]
    channel, synced = facts["channel"], facts["synced"]
    may = shell.can
    return [
        Step(
            "account",
            _("Connect a Telegram account"),
            _("Channels are read through it, as in a Telegram app."),
            account,
            _("Go on connecting") if unfinished else _("Connect"),
            _to("accounts", shell, "account", unfinished)
            if unfinished
            else _to("accounts", shell, "account-connect"),
        ),
        Step(
            "channel",
            _("Add a channel"),
            _("Its @name or its t.me link is enough."),
            channel is not None,
            _("Add channel"),
            reverse("channel-add") if may["channels"] and account else "",
        ),
        Step(
            "sync",
            _("Sync it for the first time"),
            _("Press Sync now on its page; the newest messages arrive first."),
            synced,
            _("Open the channel"),
            reverse("channel", args=[channel]) if channel else "",
        ),
        Step(
            "export",
            _("Download an export"),
            _("CSV, JSON Lines or Parquet, of a channel or of any filter."),
            facts["export"],
            _("Go to exports"),
            reverse("exports") if may["export"] and synced else "",
        ),
        Step(
            "person",
            _("Invite a second person"),
            _("With a link and a role: reading, exporting, or running it with you."),
            facts["person"],
            _("Invite"),
            _to("workspace", shell, "people"),
        ),
        Step(
            "backup",
            _("Make a backup"),
            _("On the server: python3 manage.py backup FILE. Keep the keys apart from it."),
            last_backup() is not None,
        ),
    ]


#: Literal, because the ORM needs longer to write it than PostgreSQL to answer.
_FACTS = """
SELECT
    EXISTS (SELECT FROM ingestion_account
            WHERE workspace_id = %(workspace)s AND state = %(ready)s) AS account,
    (SELECT min(id) FROM ingestion_account WHERE workspace_id = %(workspace)s) AS unfinished,
    (SELECT min(id) FROM ingestion_channel
     WHERE workspace_id = %(workspace)s AND removed_at IS NULL) AS channel,
    EXISTS (SELECT FROM ingestion_channeltotals totals
            JOIN ingestion_channel channel ON channel.id = totals.channel_id
            WHERE channel.workspace_id = %(workspace)s AND totals.messages > 0) AS synced,
    EXISTS (SELECT FROM archive_export export
            JOIN ingestion_channel channel ON channel.id = export.channel_id
            WHERE channel.workspace_id = %(workspace)s AND export.state = %(done)s) AS export,
    (SELECT count(*) FROM workspaces_membership WHERE workspace_id = %(workspace)s) > 1 AS person
"""


def _facts(workspace: Workspace) -> dict[str, Any]:
    """What the data says, in one query; `channel` and `unfinished` are keys or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FACTS,
            {
                "workspace": workspace.pk,
                "ready": str(Account.State.READY),
                "done": str(Export.State.DONE),
            },
        )
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _to(permission: str, shell: Shell, name: str, *args: int) -> str:
    return reverse(name, args=args) if shell.can[permission] else ""


def last_backup() -> datetime | None:
    """When the last backup of this installation was made, as `manage.py backup` wrote it down."""
    try:
        told = json.loads((settings.TGADMIN_DATA_DIR / "last-backup.json").read_text("utf-8"))
        return parse_datetime(str(told["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running_demo() -> str:
    """The address of the demo that runs on this machine from this checkout; else empty.

    `up` writes its address into a lock file, and empties the file when it ends.
    """
    if settings.TGADMIN_DEMO:
        return ""
    file = settings.DEMO_DATA_DIR / "up.lock"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        told = json.loads(file.read_text(encoding="utf-8"))
        os.kill(int(told["pid"]), 0)  # of a killed one the file is left; OSError
        return str(told["url"])
    return ""
