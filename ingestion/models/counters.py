"""How counters grew, and when what else is known of a channel was last read."""

from django.db import models

from ingestion.models.channels import Channel


class CounterSnapshot(models.Model):
    """What a message's counters were when they were first read after its age passed a step: narrow,
    and a handful of rows a message, whatever the number of times that it is read.
    """

    workspace_path = "channel__workspace"

    pk = models.CompositePrimaryKey("channel_id", "message_id", "step")
    channel = models.ForeignKey(
        Channel,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="counter_snapshots",
    )
    message_id = models.BigIntegerField()
    #: How many of the ages (`ingestion.counters.steps`) the message had passed.
    step = models.SmallIntegerField()
    at = models.DateTimeField()
    views = models.BigIntegerField(null=True)
    forwards = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    #: `{emoji: count}`; null for none.
    reactions = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id} at {self.at}"


class ChannelReading(models.Model):
    """When what stands beside a channel's history was last read."""

    workspace_path = "channel__workspace"

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="reading"
    )
    #: Messages that passed an age by then have been read again since.
    counters_at = models.DateTimeField(null=True)
    #: When topics, pinned messages and administrators were read.
    around_at = models.DateTimeField(null=True)
    #: Whether the account that read them may see who runs it; null until it was asked.
    admins_visible = models.BooleanField(null=True)
    #: The group of a channel's comments, or that group's channel, in the marked form.
    linked_peer_id = models.BigIntegerField(null=True)
    #: The basic group that a supergroup was before, in the marked form.
    migrated_from = models.BigIntegerField(null=True)
    #: The supergroup that a basic group became, in the marked form.
    migrated_to = models.BigIntegerField(null=True)
    #: Of a basic group: whose ids its messages have. Telegram's id of an account's person.
    bound_user_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.channel_id)
