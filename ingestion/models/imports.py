"""Imports: files that bring messages, what of them is in the archive, and how it goes."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ingestion.models.channels import Channel
from tgadmin.lib.fields import ToldField
from workspaces.models import Workspace


class Import(models.Model):
    """One file or folder on its way into the archive, or a look at what it would bring."""

    workspace_path = "workspace"

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        READY = "ready", _("Uploaded")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class StopWish(models.TextChoices):
        NONE = ""
        PAUSE = "pause"
        CANCEL = "cancel"

    #: A job works on them, or will.
    ACTIVE: ClassVar = (State.QUEUED, State.RUNNING)
    ENDED: ClassVar = (State.DONE, State.FAILED, State.CANCELLED)

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="imports")
    #: As the person named it.
    file_name = models.CharField(max_length=255)
    #: Where it lies: an absolute path, or one below the import directory for an upload.
    path = models.TextField(blank=True)
    #: An upload is ours, and removed with the import.
    uploaded = models.BooleanField(default=False)
    #: Bytes; of an upload how many have come.
    size = models.BigIntegerField(default=0)
    received = models.BigIntegerField(default=0)
    #: What it turned out to be, such as `desktop` (`ingestion.models.Coverage.Source`).
    source = models.CharField(max_length=20, blank=True)
    #: Where the messages go: what the person typed, and the channel once that is known.
    channel_ref = models.CharField(max_length=200, blank=True)
    channel = models.ForeignKey(Channel, models.SET_NULL, null=True, related_name="imports")
    #: An IANA name: where dates without an offset were written.
    time_zone = models.CharField(max_length=64, default="UTC")
    #: Only look what would come.
    dry_run = models.BooleanField(default=False)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    stop_wish = models.CharField(
        max_length=6, choices=StopWish.choices, default=StopWish.NONE, blank=True
    )
    #: Items of the file that are dealt with: where the next slice goes on.
    position = models.BigIntegerField(default=0)
    #: Bytes of the file that were read, of `total`.
    offset = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    #: `ingestion.importing.report`: figures a channel, what was left out and why, errors.
    report = models.JSONField(default=dict)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()

    #: Whose work it is; a worker that died leaves an old heartbeat.
    worker_token = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    #: The slice that is queued or runs; the job's id is made of it.
    slice = models.PositiveIntegerField(default=0)
    #: Workers that were lost in a row without a step forward.
    attempts = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="import_newest"),
            models.Index(
                fields=["state"],
                name="import_active",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE
