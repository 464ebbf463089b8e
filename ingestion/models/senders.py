"""Who writes: people, bots and channels as Telegram describes them, and what of them is kept."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Lower

from tgadmin.lib.fields import EncryptedTextField
from workspaces.models import Workspace


class Sender(models.Model):
    """Somebody whom Telegram described beside the messages of a workspace's channels: who wrote
    them, was forwarded from, or is named in them.
    """

    workspace_path = "workspace"

    class Kind(models.TextChoices):
        USER = "user"
        BOT = "bot"
        CHANNEL = "channel"
        CHAT = "chat"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="senders")
    #: In the marked form: people and bots positive, basic groups negative, channels -100….
    peer_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.TextField(default="")
    #: Every name that leads to it.
    usernames = ArrayField(models.TextField(), default=list)
    #: Of deleted, fake, scam, verified: those that are so.
    flags = ArrayField(models.CharField(max_length=10), default=list)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "peer_id"], name="sender_once"),
        ]
        indexes = [
            models.Index("workspace", Lower("name"), name="sender_name"),
            GinIndex(Func(F("usernames"), function="lowered"), name="sender_usernames"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.peer_id)


class SenderChange(models.Model):
    """What a sender was called, or was marked as, before."""

    workspace_path = "workspace"

    class Field(models.TextChoices):
        NAME = "name"
        USERNAMES = "usernames"
        FLAGS = "flags"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    peer_id = models.BigIntegerField()
    field = models.CharField(max_length=10, choices=Field.choices)
    #: Of usernames and flags all of them, with spaces between.
    before = models.TextField(default="")
    after = models.TextField(default="")
    #: When it was noticed.
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "peer_id", "-at"], name="sender_change_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.peer_id} {self.field}"


class PeoplePolicy(models.Model):
    """Whether a workspace keeps who its people are. Without a row it does."""

    workspace_path = "workspace"

    workspace = models.OneToOneField(
        Workspace, models.CASCADE, primary_key=True, related_name="people_policy"
    )
    #: Ids of people are kept as keyed hashes, and nothing else of them.
    hidden = models.BooleanField(default=False)
    #: What the hashes are keyed with: random, and the same for ever, so that one person stays one
    #: sender. Encrypted, so it is of no use without the key that lies outside of the database.
    key = EncryptedTextField(null=True)
    #: Whether somebody is forgotten (`ForgottenPerson`).
    forgets = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(null=True)
    #: Hiding what was archived before: whether it is under way, and up to where it is done.
    applying = models.BooleanField(default=False)
    done_channel = models.BigIntegerField(default=0)
    done_message = models.BigIntegerField(default=0)
    hidden_messages = models.BigIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.workspace}: {'hidden' if self.hidden else 'kept'}"
