"""Channels that a workspace archives, which accounts reach them, and how complete they are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ingestion.models.accounts import Account
from ingestion.records import ChannelKind
from tgadmin.lib.fields import IdRangesField, ToldField
from workspaces.models import Workspace


class Channel(models.Model):
    """A broadcast channel, supergroup, gigagroup or forum: one row a workspace."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="channels")
    #: Telegram's id in the marked form (-100…).
    peer_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=[(kind, kind.title()) for kind in ChannelKind])
    title = models.CharField(max_length=255)
    username = models.CharField(max_length=64, blank=True)
    about = models.TextField(blank=True)
    members = models.BigIntegerField(null=True)
    is_private = models.BooleanField(default=False)
    #: The highest message id ever seen.
    top_id = models.BigIntegerField(default=0)
    #: The highest id that Telegram hides from newcomers; 0 when none is
    #: (https://core.telegram.org/constructor/channelFull).
    available_min_id = models.BigIntegerField(default=0)
    #: Telegram's id of the photo that it shows now; null when it has none.
    photo_id = models.BigIntegerField(null=True)
    #: When title, about, members and photo were last read.
    described_at = models.DateTimeField(null=True)
    #: The workspace's own words for it.
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    notes = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)
    #: Removed from the list; its messages are kept.
    removed_at = models.DateTimeField(null=True)
    #: While no account reads it: read what the web shows to everybody (t.me/s).
    web_preview = models.BooleanField(default=False)
    sync_every_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True)
    last_synced_at = models.DateTimeField(null=True)
    #: Whether it is listened to; how that goes is in `ChannelLive`.
    live = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "peer_id"], name="channel_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_run_at"],
                name="channel_due",
                condition=models.Q(next_run_at__isnull=False),
            )
        ]

    #: Where the ids of channels begin that no source told the id of: below every id that Telegram
    #: can give (https://core.telegram.org/api/bots/ids), above what JavaScript can no longer count.
    PROVISIONAL = -8_000_000_000_000_000

    def __str__(self) -> str:
        return self.title

    @property
    def is_provisional(self) -> bool:
        """Its id is our own, until a source tells Telegram's."""
        return self.peer_id <= self.PROVISIONAL

    @property
    def has_claim(self) -> bool:
        """Whether it can be told how complete it is. Ids in a basic group are its account's, over
        all that it is in, so of most there is no telling what they were.
        """
        return self.kind != ChannelKind.BASIC_GROUP


class ChannelAccess(models.Model):
    """How one account reaches one channel: resolved once, then kept (resolving is what gets
    accounts limited); and whether Telegram lets it.
    """

    class State(models.TextChoices):
        OK = "ok", "Can read it"
        KICKED = "kicked", "Was refused"
        GONE = "gone", "Does not find it"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="accesses")
    account = models.ForeignKey(Account, models.CASCADE, related_name="accesses")
    #: 0: the account never found the channel.
    access_hash = models.BigIntegerField()
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.OK, db_default=State.OK
    )
    error_code = models.CharField(max_length=64, blank=True, default="")
    error = ToldField()
    #: When it was last read, or refused.
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "account"], name="access_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.channel}"


class ChannelPhoto(models.Model):
    """A photo that a channel showed; kept, like everything else, when it has another."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="photos")
    photo_id = models.BigIntegerField()
    #: The small size (160 px), a JPEG.
    image = models.BinaryField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "photo_id"], name="channel_photo_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.photo_id}"


class ChannelChange(models.Model):
    """What a channel was called, or said of itself, before it was changed."""

    workspace_path = "channel__workspace"

    class Field(models.TextChoices):
        TITLE = "title"
        USERNAME = "username"
        ABOUT = "about"
        PHOTO = "photo"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="changes")
    field = models.CharField(max_length=10, choices=Field.choices)
    #: Of a photo its id, as text.
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    #: When it was noticed.
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["channel", "-at"], name="channel_change_newest")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.field}"


class MemberCount(models.Model):
    """How many members a channel had when it was last looked at on a day (UTC)."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="member_counts")
    day = models.DateField()
    members = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "day"], name="member_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}: {self.members}"


class ChannelTotals(models.Model):
    """What is archived of a channel, kept by the writer in the same transaction as the rows."""

    workspace_path = "channel__workspace"

    channel = models.OneToOneField(Channel, models.CASCADE, primary_key=True, related_name="totals")
    messages = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)
    revisions = models.BigIntegerField(default=0)
    first_date = models.DateTimeField(null=True)
    last_date = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.messages} messages"


class Coverage(models.Model):
    """The ids that were asked for and answered, per channel and source."""

    class Source(models.TextChoices):
        MTPROTO = "mtproto"
        WEB_PREVIEW = "web_preview"
        DESKTOP = "desktop"
        #: Telegram Desktop's other format, which says less.
        DESKTOP_HTML = "desktop_html"
        #: tgadmin's own JSON Lines.
        JSONL = "jsonl"
        #: Telegram-Archive's database.
        ARCHIVE = "archive"
        #: Lists of Telethon's dictionaries.
        TELETHON_DUMP = "telethon_dump"
        FLAT_JSON = "flat_json"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="coverages")
    source = models.CharField(max_length=20, choices=Source.choices)
    ranges = IdRangesField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "source"], name="coverage_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.source}"
