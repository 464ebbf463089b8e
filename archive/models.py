"""What people take out of the archive."""

from pathlib import Path
from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from archive.privacy_models import (
    PiiAudit,
    RedactionProfile,
    RetentionFile,
    RetentionHold,
    RetentionPolicy,
    RetentionRun,
)
from ingestion.models import Channel
from tgadmin.lib.fields import ToldField
from workspaces.models import Workspace

__all__ = [
    "ChannelDay",
    "Export",
    "PiiAudit",
    "RedactionProfile",
    "RetentionFile",
    "RetentionHold",
    "RetentionPolicy",
    "RetentionRun",
]


#: Bytes that a channel's title takes of a file's name.
_LONGEST_NAME: Final = 160


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


class SavedSearch(models.Model):
    """A search that somebody will want again: for its owner alone, or for the workspace."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="saved_searches")
    #: Null when the person is gone: a shared one stays.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=80)
    #: As an address says it: `{"q": ["…"], …}` (`archive.filters.Filters.as_dict`).
    filters = models.JSONField()
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", "owner", Lower("name"), name="saved_search_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A file made from messages that a filter finds. It is whole (rows and SHA-256 are known) or
    does not exist.
    """

    workspace_path = "workspace"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        JSONL = "jsonl", "JSON Lines"
        PARQUET = "parquet", "Parquet"
        XLSX = "xlsx", "Excel"
        HTML = "html", "HTML"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        #: Its worker holds the file and the snapshot, and waits.
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        #: It was done; its file was deleted when its time had come.
        EXPIRED = "expired", "Expired"

    ACTIVE: ClassVar = (State.QUEUED, State.RUNNING, State.PAUSED)

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
    zstd = models.BooleanField(default=False, db_default=False)
    #: A zip with the stored files of the messages.
    with_media = models.BooleanField(default=False, db_default=False)
    #: Of Parquet: empty (one file), `channel` or `month`.
    partition = models.CharField(max_length=8, blank=True, default="", db_default="")
    #: The redaction as it was when this was asked for (`exports.redaction`); empty: none.
    redaction = models.JSONField(default=dict, blank=True)
    #: The schedule that it is a run of: it then goes into the schedule's lake.
    schedule = models.ForeignKey(
        "ExportSchedule", models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    #: An IANA name: in which zone times are written.
    time_zone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    #: Set by the person who cancels; the worker sees it within a second.
    cancel_wish = models.BooleanField(default=False)
    #: Set by the person who pauses.
    pause_wish = models.BooleanField(default=False, db_default=False)
    #: Seconds that it was paused for, which is no time that it took.
    paused_for = models.FloatField(default=0, db_default=0)
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
                condition=Q(state__in=["queued", "running", "paused"]),
            ),
        ]

    def __str__(self) -> str:
        return self.download_name

    @property
    def suffix(self) -> str:
        """Of its file's name, such as `csv.gz`."""
        if self.with_media or self.partition or self.format == self.Format.HTML:
            return "zip"
        packing = ".gz" if self.gzip else ".zst" if self.zstd else ""
        return f"{self.format}{packing}"

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
        # No file system takes more than 255 bytes, which are 85 characters of Chinese.
        name = name.encode()[:_LONGEST_NAME].decode(errors="ignore").rstrip("-")
        if any(key not in {"channel", "zone"} for key in self.filters):
            name = f"{name}-selection"
        day = (self.ended_at or self.created_at).date()
        return f"{name}-{day}.{self.suffix}"


class ExportLink(models.Model):
    """Whoever has its address may download an export, until its time has come or it is deleted.
    The address is signed (`archive.links`), so that nothing secret is kept here.
    """

    workspace_path = "export__workspace"

    export = models.ForeignKey(Export, models.CASCADE, related_name="links")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    #: Downloads that were begun.
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.export_id} until {self.expires_at}"


class ExportSchedule(models.Model):
    """A Parquet lake that is kept up: each run adds what was written since the one before."""

    workspace_path = "workspace"

    class Every(models.TextChoices):
        HOUR = "hour", _("Every hour")
        DAY = "day", _("Every day")
        WEEK = "week", _("Every week")

    class Target(models.TextChoices):
        FOLDER = "folder", _("Folder")
        S3 = "s3", "S3"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="export_schedules")
    #: Names the folder, too: letters, digits, dashes.
    name = models.SlugField(max_length=60, allow_unicode=False)
    filters = models.JSONField(default=dict)
    with_deleted = models.BooleanField(default=True)
    without_senders = models.BooleanField(default=False)
    columns = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    redaction = models.JSONField(default=dict, blank=True)
    every = models.CharField(max_length=4, choices=Every.choices, default=Every.DAY)
    #: When, in the workspace's time zone; an hourly one goes by `minute` alone. Monday is 0.
    hour = models.PositiveSmallIntegerField(default=3)
    minute = models.PositiveSmallIntegerField(default=0)
    weekday = models.PositiveSmallIntegerField(default=0)
    target = models.CharField(max_length=6, choices=Target.choices, default=Target.FOLDER)
    is_active = models.BooleanField(default=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    #: What of the database the last whole run had seen (`exports.lake.Watermark`).
    watermark = models.JSONField(default=dict, blank=True)
    #: Runs that were whole.
    number = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "name"], name="export_schedule_name"),
        ]
        indexes = [
            models.Index(
                fields=["next_run_at"], name="export_schedule_due", condition=Q(is_active=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Feed(models.Model):
    """The newest messages of a filter, or of a saved search as that stands, as RSS and Atom, for
    whoever has its address. Only the hash of the secret in it is kept.
    """

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="feeds")
    name = models.CharField(max_length=120)
    #: Empty where there is a search.
    filters = models.JSONField(default=dict)
    search = models.ForeignKey(
        SavedSearch, models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    redaction = models.JSONField(default=dict, blank=True)
    without_senders = models.BooleanField(default=False)
    #: SHA-256, hexadecimal.
    secret_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    #: To the minute.
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def followed(self) -> Any:
        """The filter, as it is stored."""
        return self.search.filters if self.search else self.filters
