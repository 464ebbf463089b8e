"""Channels that a workspace archives, which accounts reach them, and how complete they are."""

from django.db import models

from ingestion.models.accounts import Account
from ingestion.records import ChannelKind
from tgadmin.lib.fields import IdRangesField
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
    enabled = models.BooleanField(default=True)
    #: Removed from the list; its messages are kept.
    removed_at = models.DateTimeField(null=True)
    sync_every_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True)
    last_synced_at = models.DateTimeField(null=True)
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

    def __str__(self) -> str:
        return self.title


class ChannelAccess(models.Model):
    """How one account reaches one channel: resolved once, then kept (resolving is what gets
    accounts limited).
    """

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="accesses")
    account = models.ForeignKey(Account, models.CASCADE, related_name="accesses")
    access_hash = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "account"], name="access_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.channel}"


class ChannelTotals(models.Model):
    """What is archived of a channel, kept by the writer in the same transaction as the rows."""

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

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="coverages")
    source = models.CharField(max_length=12, choices=Source.choices)
    ranges = IdRangesField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "source"], name="coverage_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.source}"
