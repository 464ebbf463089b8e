"""Exports of the tests' world: one that is done, one that is being written."""

from datetime import timedelta

from django.utils import timezone

from archive.models import Export, ExportLink, ExportSchedule, Feed
from ingestion.models import Channel
from workspaces.models import User

#: Of `secret`.
_HASH = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"


def make_exports(channel: Channel, user: User) -> Export:
    now = timezone.now()
    done = Export.objects.create(
        workspace=channel.workspace,
        channel=channel,
        format="jsonl",
        state="done",
        rows=73_736,
        rows_expected=73_736,
        size=148_204_551,
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        file_name="city_chronicle.jsonl",
        requested_by=user,
        started_at=now - timedelta(minutes=2),
        ended_at=now,
    )
    Export.objects.create(
        workspace=channel.workspace,
        channel=channel,
        format="csv",
        state="running",
        rows=31_000,
        rows_expected=73_736,
        requested_by=user,
        started_at=now - timedelta(seconds=1),
        heartbeat_at=now,
    )
    ExportLink.objects.create(export=done, made_by=user, expires_at=now + timedelta(days=7))
    Feed.objects.create(workspace=channel.workspace, name="City", secret_hash=_HASH, made_by=user)
    ExportSchedule.objects.create(workspace=channel.workspace, name="daily", next_run_at=now)
    return done
