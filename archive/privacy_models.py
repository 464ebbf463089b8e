"""What a workspace says of keeping, sharing and forgetting, and what came of it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingestion.models import Channel
from tgadmin.lib.fields import ToldField
from workspaces.models import Workspace


def _by() -> "models.ForeignKey[models.Model | None, models.Model | None]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )


def _left(done: int, expected: int, since: datetime) -> timedelta | None:
    """How long it still takes at the pace so far, waits in the queue included; None before it moves."""
    if not done or expected <= done:
        return None
    return (timezone.now() - since) * (expected - done) / done


class RedactionProfile(models.Model):
    """What is taken out of exports, by kind (`archive.redaction.Rules`)."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="redaction_profiles")
    name = models.CharField(max_length=80)
    rules = models.JSONField(default=dict)
    made_by = _by()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="redaction_profile_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PiiAudit(models.Model):
    """A look for personal data in channels: what was found where."""

    workspace_path = "workspace"

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="pii_audits")
    #: Keys of channels, in the order in which they are read.
    channels = ArrayField(models.BigIntegerField())
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    #: Up to where it is done: a place in `channels`, and a message.
    done_channels = models.IntegerField(default=0)
    done_message = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    rows_expected = models.BigIntegerField(default=0)
    #: Messages in which anything was found.
    messages = models.BigIntegerField(default=0)
    #: `{channel key: {kind: how many}}`
    counts = models.JSONField(default=dict)
    #: `{kind: [[channel key, message id, masked words], …]}`
    examples = models.JSONField(default=dict)
    error = ToldField()
    requested_by = _by()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="pii_audit_newest"),
            models.Index(fields=["state"], name="pii_audit_active", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.state}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def left(self) -> timedelta | None:
        return _left(self.rows, self.rows_expected, self.created_at)


class RetentionPolicy(models.Model):
    """For how long messages are kept: of a channel, or (without one) of all channels of a workspace
    that have no policy of their own. Where there is no row at all, for ever.
    """

    workspace_path = "workspace"

    class Action(models.TextChoices):
        MOVE = "move", _("Move them into archive files")
        DELETE = "delete", _("Delete them")
        MOVE_MEDIA = "move_media", _("Move only their files into the archive; the messages stay")
        DELETE_MEDIA = "delete_media", _("Delete only their files; the messages stay")

    #: Those that leave the messages as they are.
    OF_MEDIA: ClassVar = (Action.MOVE_MEDIA, Action.DELETE_MEDIA)

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="retention_policies")
    channel = models.OneToOneField(
        Channel, models.CASCADE, null=True, related_name="retention_policy"
    )
    #: Null: for ever.
    days = models.PositiveIntegerField(null=True)
    action = models.CharField(max_length=12, choices=Action.choices, default=Action.MOVE)
    changed_by = _by()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                name="retention_of_workspace_once",
                condition=Q(channel__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days} days" if self.days else "for ever"


class RetentionHold(models.Model):
    """While it is there, nothing of the channel is let go. It stays as a record when it is lifted."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="holds")
    reason = models.TextField()
    placed_by = _by()
    placed_at = models.DateTimeField(auto_now_add=True)
    lifted_by = _by()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], name="hold_once", condition=Q(lifted_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class RetentionRun(models.Model):
    """What was let go of a channel by its policy, once."""

    workspace_path = "channel__workspace"

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        HELD = "held", _("Stopped by a hold")
        FAILED = "failed", _("Failed")

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="retention_runs")
    action = models.CharField(max_length=12, choices=RetentionPolicy.Action.choices)
    #: Messages that were posted before it go.
    before = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    #: Where only files go, the messages that these are of.
    messages = models.BigIntegerField(default=0)
    messages_expected = models.BigIntegerField(default=0)
    media = models.BigIntegerField(default=0)
    #: Archive files that were written.
    parts = models.IntegerField(default=0)
    #: Bytes of stored files that nobody names any more.
    freed = models.BigIntegerField(default=0)
    error = ToldField()
    requested_by = _by()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], name="retention_once", condition=Q(state="running")
            ),
        ]
        indexes = [models.Index(fields=["channel", "-created_at"], name="retention_newest")]

    def __str__(self) -> str:
        return f"{self.channel_id} before {self.before}"

    @property
    def of_media(self) -> bool:
        """Whether the messages stay."""
        return self.action in RetentionPolicy.OF_MEDIA

    @property
    def is_active(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def left(self) -> timedelta | None:
        return _left(self.messages, self.messages_expected, self.created_at)


class RetentionFile(models.Model):
    """An archive file: the messages that a run let go (or, where they stay, a list of their files),
    and beside it its manifest. A row is made in the transaction that lets them go, once the file is
    whole.
    """

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="retention_files")
    run = models.ForeignKey(RetentionRun, models.SET_NULL, null=True, related_name="files")
    #: Below the directory of archive files.
    name = models.CharField(max_length=200, unique=True)
    rows = models.BigIntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    media = models.BigIntegerField(default=0)
    first_date = models.DateTimeField()
    last_date = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "-created_at"], name="retention_file_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return Path(settings.KEPT_DIR) / self.name
