"""What stands around a channel's history: topics, pinned messages, who runs it."""

from django.db import models

from ingestion.models.channels import Channel


class ForumTopic(models.Model):
    """A topic of a forum, as Telegram last listed it."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="topics")
    #: The id of the message that made it; 1 is "General".
    topic_id = models.BigIntegerField()
    title = models.TextField()
    created_at = models.DateTimeField()
    #: RGB.
    icon_color = models.IntegerField(default=0)
    icon_emoji_id = models.BigIntegerField(null=True)
    closed = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    #: Archived messages in it, counted when the list was read.
    messages = models.BigIntegerField(default=0)
    #: When Telegram did not list it any more.
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "topic_id"], name="topic_once"),
        ]

    def __str__(self) -> str:
        return self.title


class PinnedMessage(models.Model):
    """A message that is pinned now, or was until `unpinned_at`."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="pinned")
    message_id = models.BigIntegerField()
    #: When it was first seen to be pinned.
    seen_at = models.DateTimeField()
    unpinned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "message_id"], name="pinned_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}"


class ChannelAdmin(models.Model):
    """Somebody who runs a group now, or did until `gone_at`."""

    workspace_path = "channel__workspace"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="admins")
    peer_id = models.BigIntegerField()
    name = models.TextField(default="")
    #: What the group calls them.
    rank = models.TextField(default="")
    creator = models.BooleanField(default=False)
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "peer_id"], name="channel_admin_once"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.peer_id)
