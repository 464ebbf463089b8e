"""What people take out of the archive."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.text import slugify

from ingestion.models import Channel
from tgadmin.lib.fields import ToldField
from workspaces.models import Workspace


class ChannelDay(models.Model):
    """The messages that were posted in a channel on a day (UTC), added up by the writer in the
    same transaction as the rows, so that no page ever counts messages. A day without any has no
    row.
    """

    workspace_path = "channel__workspace"

    pk = models.CompositePrimaryKey("channel_id", "day")
    channel = models.ForeignKey(Channel, models.CASCADE, db_index=False, related_name="days")
    day = models.DateField()
    #: Deleted ones included.
    messages = models.IntegerField(default=0)
    deleted = models.IntegerField(default=0)
    views = models.BigIntegerField(default=0)
    forwards = models.BigIntegerField(default=0)
    replies = models.BigIntegerField(default=0)
    reactions = models.BigIntegerField(default=0)
    #: Messages of each of the day's 24 hours: what days in another time zone are made from.
    hours = ArrayField(models.IntegerField(), size=24)
    #: `{"photo": 3, …}`: messages by kind.
    kinds = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["day"], name="channel_day_of_all")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}: {self.messages}"


class Export(models.Model):
    """A file made from messages that a filter finds. It is whole (rows and SHA-256 are known) or
    does not exist.
    """

    workspace_path = "workspace"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        JSONL = "jsonl", "JSON Lines"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        #: It was done; its file was deleted when its time had come.
        EXPIRED = "expired", "Expired"

    ACTIVE: ClassVar = (State.QUEUED, State.RUNNING)

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="exports")
    #: The one channel that it is about; null: all of the workspace, or those of its filter.
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="exports")
    #: What the list of messages was filtered by, as its address says it: `{"q": ["…"], …}`
    #: (`archive.filters.Filters.as_dict`).
    filters = models.JSONField(default=dict)
    format = models.CharField(max_length=8, choices=Format.choices)
    with_deleted = models.BooleanField(default=True)
    #: Leave out sender ids and names.
    without_senders = models.BooleanField(default=False)
    #: Columns by name, in their order; empty: all.
    columns = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    gzip = models.BooleanField(default=False)
    #: An IANA name: in which zone times are written.
    time_zone = models.CharField(max_length=64, default="UTC")
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
    error = ToldField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    #: When the file is deleted by itself; null: never.
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="export_of_workspace"),
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
        title = channel.title if channel else self.workspace.name
        name = (channel and channel.username) or slugify(title, allow_unicode=True) or "channel"
        if any(key not in {"channel", "zone"} for key in self.filters):
            name = f"{name[:70]}-selection"
        day = (self.ended_at or self.created_at).date()
        return f"{name[:80]}-{day}.{self.format}{'.gz' if self.gzip else ''}"
