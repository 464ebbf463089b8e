"""Imports as a page may meet them."""

from django.utils import timezone

from ingestion.models import Channel, Import
from workspaces.models import User

_ROW = {"read": 39_194, "new": 39_100, "changed": 3, "unchanged": 90, "skipped": 1, "errors": 0}


def make_import(channel: Channel, user: User) -> Import:
    """One that was looked at, with more than one channel and a problem."""
    report = {
        "channels": [
            {
                "key": str(channel.peer_id),
                "id": channel.pk,
                "peer_id": channel.peer_id,
                "title": channel.title,
                **_ROW,
                "why": {"no_time": 1},
                "files": {
                    "found": 4_020,
                    "stored": 4_000,
                    "known": 12,
                    "left_out": 7,
                    "missing": 3,
                    "errors": 1,
                    "bytes": 91_000_000,
                    "why": {"policy": 1, "no_room": 2, "differs": 3, "no_file": 1},
                },
            },
            {"key": "1", "id": None, "peer_id": None, "title": "קול העיר", **_ROW, "why": {}},
        ],
        "left_out": {"chats": 12, "messages": 3_400},
        "problems": [
            {"channel": channel.title, "message_id": 12, "error": "A message could not be read."}
        ],
    }
    now = timezone.now()
    Import.objects.create(
        workspace=channel.workspace,
        file_name="half.zip",
        path="upload-0",
        uploaded=True,
        size=900_000,
        received=300_000,
        dry_run=True,
        state="uploading",
        requested_by=user,
    )
    return Import.objects.create(
        workspace=channel.workspace,
        channel=channel,
        file_name="ChatExport_2026-05-01.zip",
        path="/nowhere/ChatExport_2026-05-01.zip",
        source="desktop",
        size=148_204_551,
        total=148_204_551,
        offset=148_204_551,
        dry_run=True,
        state="done",
        report=report,
        requested_by=user,
        started_at=now,
        ended_at=now,
    )
