"""What people take out of the archive."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import slugify

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

    ACTIVE: ClassVar = (State.QUEUED, State.RUNNING)

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="exports")
    format = models.CharField(max_length=8, choices=Format.choices)
    with_deleted = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    #: Set by the person who cancels; the worker sees it within a second.
    cancel_wish = models.BooleanField(default=False)
    #: Whose work it is; a worker that died leaves an old heartbeat.
    worker_token = models.UUIDField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    #: The attempt that is queued, runs or ended. Job and temporary file are named by it.
    attempt = models.PositiveIntegerField(default=1)
    rows_expected = models.BigIntegerField(null=True, blank=True)
    rows = models.BigIntegerField(default=0)
    #: Bytes.
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    #: Below the export directory; empty until the file is whole.
    file_name = models.CharField(max_length=255, blank=True)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["channel", "-created_at"], name="export_newest"),
            models.Index(
                fields=["state"],
                name="export_active",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return self.download_name

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    @property
    def path(self) -> Path:
        """Where the whole file lies."""
        return Path(settings.EXPORT_DIR) / self.file_name

    @property
    def download_name(self) -> str:
        """How the file is called where a person saves it, such as `durov-2026-05-01.csv`."""
        channel = self.channel
        name = channel.username or slugify(channel.title, allow_unicode=True) or "channel"
        day = (self.ended_at or self.created_at).date()
        return f"{name[:80]}-{day}.{self.format}"
