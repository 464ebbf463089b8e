"""The archive itself. Every table has the composite key (channel, message id), which is also the
key by which it can be distributed; no foreign key constraint stands in the way of COPY.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from ingestion.models.channels import Channel
from ingestion.models.runs import SyncRun
from ingestion.records import SOURCE_RANKS
from tgadmin.lib.fields import ToldField


def _channel_key(related_name: str) -> "models.ForeignKey[Channel, Channel]":
    """The first half of a composite key: no constraint, no index of its own."""
    return models.ForeignKey(
        Channel,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name=related_name,
    )


class DeletedHow(models.TextChoices):
    """How a deletion was noticed."""

    #: Telegram announced it.
    LIVE = "live", _("Telegram announced it")
    #: It was archived, and missing when its part of the history was read again.
    REFRESH = "refresh", _("it was missing when the history was read again")
    #: It was archived from elsewhere, and missing when Telegram was asked for the first time.
    ABSENCE = "absence", _("Telegram did not have it when first asked")


class Message(models.Model):
    """A message as it was last seen."""

    workspace_path = "channel__workspace"

    pk = models.CompositePrimaryKey("channel_id", "message_id")
    channel = _channel_key("messages")
    message_id = models.BigIntegerField()
    date = models.DateTimeField()
    edit_date = models.DateTimeField(null=True)
    sender_id = models.TextField(default="")
    author = models.TextField(default="")
    text = models.TextField(default="")
    entities = models.JSONField(default=list)
    kind = models.TextField()
    media_meta = models.JSONField(null=True)
    reply_to = models.JSONField(null=True)
    forward = models.JSONField(null=True)
    grouped_id = models.BigIntegerField(null=True)
    topic_id = models.BigIntegerField(null=True)
    links = ArrayField(models.TextField(), default=list)
    hashtags = ArrayField(models.TextField(), default=list)
    first_seen_at = models.DateTimeField()
    #: When it was first noticed that it is gone from Telegram, and how.
    deleted_at = models.DateTimeField(null=True)
    deleted_how = models.CharField(
        max_length=8, choices=DeletedHow.choices, db_default="", blank=True
    )
    #: As `ingestion.languages` told it; empty where the text does not tell, null where nobody has
    #: looked yet (the backfill `vectors` does).
    language = models.TextField(null=True, editable=False)  # noqa: DJ001, see above
    #: What it is found by; a trigger makes it of text, links and language (migration 0005).
    tsv = SearchVectorField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(
                F("date").desc(), F("channel_id").desc(), F("message_id").desc(), name="msg_newest"
            ),
            models.Index(F("channel_id"), F("date").desc(), name="msg_channel_newest"),
            models.Index(
                fields=["channel", "message_id"],
                name="msg_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
            # Who posts as the channel itself has none, so that most channels pay nothing for it.
            models.Index(
                fields=["sender_id", "channel", "-date"],
                name="msg_sender",
                condition=~models.Q(sender_id=""),
            ),
            models.Index(
                fields=["channel", "topic_id", "-date"],
                name="msg_topic",
                condition=models.Q(topic_id__isnull=False),
            ),
            # With btree_gin one index serves search in one channel and in all.
            GinIndex(fields=["channel", "tsv"], name="msg_search"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}"


class MessageStats(models.Model):
    """What changes all the time, and the hashes that tell whether anything did: narrow, so that
    a change costs little.
    """

    workspace_path = "channel__workspace"

    pk = models.CompositePrimaryKey("channel_id", "message_id")
    channel = _channel_key("message_stats")
    message_id = models.BigIntegerField()
    views = models.BigIntegerField(null=True)
    forwards = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    #: `{emoji: count}`
    reactions = models.JSONField(default=dict)
    #: What hangs on the message and changes by itself: poll results, ticks, a link's preview,
    #: buttons … (docs/kinds.md). Null on most messages.
    attached = models.JSONField(null=True)
    content_hash = models.BinaryField()
    hash_version = models.SmallIntegerField()
    counters_hash = models.BinaryField()
    #: Of the source that the content came from (`records.SOURCE_RANKS`).
    source_rank = models.SmallIntegerField(db_default=SOURCE_RANKS["mtproto"])

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}"


class MessageRaw(models.Model):
    """The source's own record, whole; everything can be mapped again from it."""

    workspace_path = "channel__workspace"

    pk = models.CompositePrimaryKey("channel_id", "message_id", "source")
    channel = _channel_key("raw_messages")
    message_id = models.BigIntegerField()
    source = models.TextField()
    raw = models.JSONField()
    #: Of what a source said last that others may outrank; null for those that nothing outranks.
    content_hash = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id} {self.source}"


class MessageRevision(models.Model):
    """What a message was before an edit."""

    workspace_path = "channel__workspace"

    pk = models.CompositePrimaryKey("channel_id", "message_id", "replaced_at")
    channel = _channel_key("revisions")
    message_id = models.BigIntegerField()
    #: When we saw the newer version: the transaction's time.
    replaced_at = models.DateTimeField()
    edit_date = models.DateTimeField(null=True)
    text = models.TextField(default="")
    entities = models.JSONField(default=list)
    kind = models.TextField()
    media_meta = models.JSONField(null=True)
    reply_to = models.JSONField(null=True)
    forward = models.JSONField(null=True)
    content_hash = models.BinaryField()
    raw = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id} until {self.replaced_at}"


class Quarantine(models.Model):
    """A record that could not be read. Its id stays out of the coverage until it can be."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="quarantine")
    source = models.TextField()
    #: 0 where not even the id could be read.
    message_id = models.BigIntegerField(default=0)
    error = ToldField()
    raw = models.BinaryField()
    run = models.ForeignKey(SyncRun, models.SET_NULL, null=True, related_name="+")
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "source", "message_id"], name="quarantine_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}: {self.error}"
