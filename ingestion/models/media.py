"""What messages carry besides text: which files there are, which are wanted, which are stored."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ingestion.models.accounts import Account
from ingestion.models.channels import Channel
from tgadmin.lib.fields import ToldField
from workspaces.models import Workspace


class MediaPolicy(models.Model):
    """What is downloaded: of a channel, or (without one) of all channels of a workspace that have
    no policy of their own. Where there is no row at all, metadata.
    """

    workspace_path = "workspace"

    class Mode(models.TextChoices):
        NEVER = "never", _("Nothing, not even a list of files")
        METADATA = "metadata", _("Metadata: a list of files, downloaded when somebody asks")
        THUMBNAILS = "thumbnails", _("Thumbnails of photos and videos")
        ALL = "all", _("The files themselves")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="media_policies")
    channel = models.OneToOneField(
        Channel, models.CASCADE, null=True, related_name="own_media_policy"
    )
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.METADATA)
    #: Empty: every kind.
    kinds = ArrayField(models.CharField(max_length=16), default=list)
    #: `image/*`, `application/pdf` …; empty: every type.
    mimes = ArrayField(models.CharField(max_length=100), default=list)
    #: Bytes, both included.
    min_size = models.BigIntegerField(null=True)
    max_size = models.BigIntegerField(null=True)
    #: Days (UTC) on which the message was posted, both included.
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"],
                name="media_policy_of_workspace_once",
                condition=Q(channel__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.mode


class StoredFile(models.Model):
    """A file of the content-addressed store. It belongs to nobody: whoever may read a message that
    names it may have it.
    """

    class Storage(models.TextChoices):
        LOCAL = "local", _("Directory")
        S3 = "s3", _("S3")

    class Shown(models.TextChoices):
        NOTHING = ""
        ITSELF = "itself"
        VIEW = "view"  # a copy without EXIF, in a format that browsers know

    class Problem(models.TextChoices):
        NONE = ""
        MISSING = "missing", _("Missing")
        DAMAGED = "damaged", _("Damaged")

    #: Hexadecimal.
    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    #: From its first bytes, whatever the sender said.
    mime = models.CharField(max_length=100)
    #: Pixels; of a video those that Telegram told.
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    storage = models.CharField(max_length=8, choices=Storage.choices)
    has_preview = models.BooleanField(default=False)
    shown = models.CharField(max_length=8, choices=Shown.choices, blank=True)
    stored_at = models.DateTimeField(auto_now_add=True)
    #: When its bytes were last compared with its name, and what was found.
    checked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=8, choices=Problem.choices, blank=True)

    class Meta:
        indexes = [models.Index(fields=["storage", "sha256"], name="file_of_storage")]

    def __str__(self) -> str:
        return self.sha256


class StoredSum(models.Model):
    """The bytes of all stored files are the sum of these rows: one is added with each file that
    comes or goes, so that nobody who stores a file waits for another, and the tick makes one of all.
    """

    bytes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.bytes} bytes"


class Medium(models.Model):
    """What a message carries. Slot 0 is what it carries now; from `REPLACED` on stands what it
    carried before an edit, kept where it had been downloaded.
    """

    workspace_path = "channel__workspace"

    class State(models.TextChoices):
        SKIPPED = "skipped", _("Not downloaded")
        PENDING = "pending", _("In the queue")
        FETCHING = "fetching", _("Downloading")
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Downloaded")
        FAILED = "failed", _("Failed")

    class Want(models.IntegerChoices):
        NOTHING = 0
        THUMBNAIL = 1
        FILE = 2

    #: Those that the queue still has to look at.
    OPEN = (State.PENDING, State.FETCHING, State.WAITING)
    REPLACED = 100

    pk = models.CompositePrimaryKey("channel_id", "message_id", "slot")
    channel = models.ForeignKey(
        Channel, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="media"
    )
    message_id = models.BigIntegerField()
    slot = models.SmallIntegerField(default=0, db_default=0)
    kind = models.TextField()
    #: Telegram's id of the photo or document.
    remote_id = models.BigIntegerField()
    #: When the message was posted.
    date = models.DateTimeField()
    #: As Telegram says: bytes, type, name, pixels, seconds.
    size = models.BigIntegerField(null=True)
    mime = models.TextField(default="", db_default="")
    name = models.TextField(default="", db_default="")
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    duration = models.FloatField(null=True)
    #: The data centre that has it, known once it was asked for.
    dc = models.SmallIntegerField(null=True)

    want = models.SmallIntegerField(choices=Want.choices, default=Want.NOTHING, db_default=0)
    state = models.TextField(choices=State.choices, default=State.SKIPPED, db_default="skipped")
    #: When a person asked for this one: it goes before all others.
    asked_at = models.DateTimeField(null=True)
    #: Bytes that are on the disk of this machine for certain.
    offset = models.BigIntegerField(default=0, db_default=0)
    #: Without any progress in between.
    attempts = models.SmallIntegerField(default=0, db_default=0)
    not_before = models.DateTimeField(null=True)
    error_code = models.TextField(default="", db_default="")
    error = ToldField()
    done_at = models.DateTimeField(null=True)
    #: When what was stored of it was let go by a rule of how long files are kept.
    let_go_at = models.DateTimeField(null=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, db_index=False, related_name="media"
    )
    #: The small picture that Telegram has of it.
    thumb = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, db_index=False, related_name="thumb_of"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "-asked_at", "-message_id"],
                name="medium_queue",
                condition=Q(state__in=["pending", "fetching", "waiting"]),
            ),
            models.Index(
                fields=["channel", "-message_id"],
                name="medium_failed",
                condition=Q(state="failed"),
            ),
            models.Index(fields=["file"], name="medium_file", condition=Q(file__isnull=False)),
            models.Index(fields=["thumb"], name="medium_thumb", condition=Q(thumb__isnull=False)),
            # The oldest of which anything is stored: what a rule of keeping asks for.
            models.Index(
                fields=["channel", "date"],
                name="medium_stored",
                condition=Q(file__isnull=False) | Q(thumb__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}/{self.slot}"


class MediaLine(models.Model):
    """The downloads of a channel: what of them is done, and who works on it. A job only says "do
    a slice of the line of channel 7".
    """

    workspace_path = "channel__workspace"

    class State(models.TextChoices):
        IDLE = "idle", _("Nothing to do")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        WAITING = "waiting", _("Waiting")
        PAUSED = "paused", _("Paused")

    class StopWish(models.TextChoices):
        NONE = ""
        PAUSE = "pause"
        CANCEL = "cancel"

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="media_line"
    )
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="media_lines")
    state = models.CharField(max_length=8, choices=State.choices, default=State.IDLE)
    stop_wish = models.CharField(
        max_length=6, choices=StopWish.choices, default=StopWish.NONE, blank=True
    )
    #: A person waits for one of its files.
    asked_at = models.DateTimeField(null=True)
    #: After a change of the policy all files of the channel are listed and decided upon anew, from
    #: the highest id down to this one; null: it has not begun, 0: it is done.
    planned_down_to = models.BigIntegerField(null=True, default=0)
    slice = models.PositiveIntegerField(default=0)
    slice_ended_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    not_before = models.DateTimeField(null=True)
    #: Transient errors in a row.
    attempts = models.PositiveIntegerField(default=0)
    #: Counted when a slice begins, kept up while it lasts.
    wanted_files = models.BigIntegerField(default=0)
    wanted_bytes = models.BigIntegerField(default=0)
    done_files = models.BigIntegerField(default=0)
    done_bytes = models.BigIntegerField(default=0)
    failed_files = models.BigIntegerField(default=0)
    #: Bytes a second, of late.
    rate = models.FloatField(default=0)
    error_class = models.CharField(max_length=16, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()
    #: Who pressed pause or cancel.
    wished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["state"],
                name="media_line_active",
                condition=Q(state__in=["queued", "running", "waiting"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.state}"
