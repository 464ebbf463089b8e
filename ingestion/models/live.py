"""Channels that are listened to: how far their events were read, and who listens."""

from django.db import models

from ingestion.models.accounts import Account
from ingestion.models.channels import Channel
from tgadmin.lib.fields import IdRangesField, ToldField
from tgadmin.lib.ranges import IdRanges


class AccountListener(models.Model):
    """The listening connection of an account, and where the account's own sequence stands
    (https://core.telegram.org/api/updates).
    """

    workspace_path = "account__workspace"

    class State(models.TextChoices):
        #: Connected, and told what happens.
        LISTENING = "listening"
        #: Gave the account to somebody who goes first, and stands in line for it.
        WAITING = "waiting"
        #: Could not connect, or Telegram wants a pause.
        FAILING = "failing"

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="listener"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    since = models.DateTimeField()
    #: The listener's last sign of life.
    seen_at = models.DateTimeField()
    pts = models.BigIntegerField(null=True)
    qts = models.BigIntegerField(null=True)
    date = models.DateTimeField(null=True)
    #: Until when it stays away; null: it tries all the time.
    not_before = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.state}"


class ChannelLive(models.Model):
    """How far a channel's events were read. `pts` is written in the transaction of the messages
    that it stands for, and nowhere else but where there are none.
    """

    workspace_path = "channel__workspace"

    class State(models.TextChoices):
        CATCHING_UP = "catching_up"
        LIVE = "live"
        POLLING = "polling"

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="listening"
    )
    #: Who listens.
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="listened_channels"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.CATCHING_UP)
    #: Since when it is in this state.
    since = models.DateTimeField()
    #: Where the channel's sequence of events was read up to; null: not yet known.
    pts = models.BigIntegerField(null=True)
    #: The newest message at that moment: with no gap in the sequence, an id above it that does not
    #: come does not exist.
    top = models.BigIntegerField(null=True)
    #: Ids that went by unseen: a run has to ask for them.
    missing = IdRangesField(default=IdRanges)
    #: Edits and deletions went by unseen: a refresh has to look for them.
    refresh = models.BooleanField(default=False)
    last_event_at = models.DateTimeField(null=True)
    events = models.BigIntegerField(default=0)
    #: Not to be asked before; null: at once.
    not_before = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.state}"
