"""What a workspace says of keeping, sharing and forgetting, for the tests' world."""

from django.utils import timezone

from archive.models import (
    PiiAudit,
    RedactionProfile,
    RetentionFile,
    RetentionHold,
    RetentionPolicy,
    RetentionRun,
)
from archive.redaction import SHARE_OUTSIDE
from ingestion.models import Channel, ForgottenPerson
from workspaces.models import User


def make_kept(channel: Channel, owner: User) -> RedactionProfile:
    """A policy, a hold, a run with its file, a report, a receipt; the profile of redaction."""
    workspace, now = channel.workspace, timezone.now()
    RetentionPolicy.objects.create(workspace=workspace, channel=channel, days=3_000)
    RetentionHold.objects.create(channel=channel, reason="Case 12/26", placed_by=owner)
    run = RetentionRun.objects.create(
        channel=channel, action="move", before=now, state="done", messages=5, ended_at=now
    )
    RetentionFile.objects.create(
        channel=channel, run=run, name=f"{channel.pk}/1-00001.parquet", rows=5, size=900,
        sha256="0" * 64, first_date=now, last_date=now,
    )  # fmt: skip
    PiiAudit.objects.create(
        workspace=workspace,
        channels=[channel.pk],
        state="done",
        rows=12,
        messages=1,
        counts={str(channel.pk): {"phone": 1}},
        examples={"phone": [[channel.pk, 1, "call +4•••••56"]]},
        requested_by=owner,
        ended_at=now,
    )
    ForgottenPerson.objects.create(
        workspace=workspace,
        mode="remove",
        state="done",
        id_hash="h" + "0" * 24,
        counts={"removed": 3, "exports": []},
        requested_by=owner,
        ended_at=now,
    )
    return RedactionProfile.objects.create(
        workspace=workspace, name="Partners", rules=SHARE_OUTSIDE, made_by=owner
    )
