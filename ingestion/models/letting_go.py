"""What was let go on purpose: by a rule of how long to keep it, or because a person is forgotten."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ingestion.models.channels import Channel
from tgadmin.lib.fields import EncryptedTextField, IdRangesField
from tgadmin.lib.ranges import IdRanges
from workspaces.models import Workspace


class LetGo(models.Model):
    """The ids of a channel whose messages were archived and let go. They are neither deleted on
    Telegram nor a gap: they count as covered, are not asked for again, and what any source brings
    of them is not written.
    """

    workspace_path = "channel__workspace"

    channel = models.OneToOneField(Channel, models.CASCADE, primary_key=True, related_name="let_go")
    #: Ids in between that never had a message are in it, too, so that it stays a few stretches.
    ranges = IdRangesField(default=IdRanges)
    #: How many messages that were.
    messages = models.BigIntegerField(default=0)
    #: Posted before: the latest limit that was applied; null where only people were forgotten.
    before = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.messages} let go"


class ForgottenPerson(models.Model):
    """Somebody who is not to be found in a workspace any more, and does not come back: keyed hashes
    of who they were (`ingestion.masking`) and, when it is done, a receipt.
    """

    workspace_path = "workspace"

    class Mode(models.TextChoices):
        #: Their messages stay; whose they are is a hash.
        PSEUDONYM = "pseudonym", _("Keep the messages, without saying whose they are")
        REMOVE = "remove", _("Remove the messages, too")

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="forgotten")
    mode = models.CharField(max_length=10, choices=Mode.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    #: Of the id, as messages have it.
    id_hash = models.CharField(max_length=32)
    #: Of names and usernames.
    name_hashes = ArrayField(models.CharField(max_length=32), default=list)
    #: Whom to look for while it runs, as JSON; wiped when it is done.
    subject = EncryptedTextField(null=True)
    #: Up to where it is done.
    done_channel = models.BigIntegerField(default=0)
    done_message = models.BigIntegerField(default=0)
    #: What was changed, by what it is.
    counts = models.JSONField(default=dict)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id_hash"], name="forgotten_once"),
        ]
        indexes = [
            models.Index(
                fields=["state"], name="forgetting_active", condition=models.Q(state="running")
            )
        ]

    def __str__(self) -> str:
        return self.id_hash
