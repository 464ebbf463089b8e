"""What people take out of the archive."""

from django.conf import settings
from django.db import models

from ingestion.models import Channel


class Export(models.Model):
    """A file made from a channel. It is whole (rows and SHA-256 are known) or does not exist."""

    workspace_path = "channel__workspace"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        JSONL = "jsonl", "JSON Lines"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (State.QUEUED, State.RUNNING)

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=8, choices=Format.choices)
    with_deleted = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    #: Set by the person who cancels; the worker sees it within a second.
    cancel_wish = models.BooleanField(default=False)
    #: Whose work it is; a worker that died leaves an old heartbeat.
    worker_token = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    #: Attempts so far: the job's id is made of export and attempt.
    attempt = models.PositiveIntegerField(default=0)
    rows_expected = models.BigIntegerField(null=True)
    rows = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    #: Below the export directory.
    file_name = models.CharField(max_length=255, blank=True)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "-created_at"], name="export_newest")]

    def __str__(self) -> str:
        return self.file_name or f"{self.format} #{self.pk}"
