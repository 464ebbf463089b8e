"""Adding several channels at once: the lines that a person wrote, and what became of each."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ingestion.models.accounts import Account, AccountCall
from ingestion.models.channels import Channel
from tgadmin.lib.fields import ToldField
from workspaces.models import Workspace


class Adding(models.Model):
    """What a person pasted, and what the channels of it are to begin with."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="addings")
    #: Through which the channels are looked at, joined and read.
    account = models.ForeignKey(Account, models.CASCADE, related_name="addings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: Whether each line is looked at first; what comes from a list of dialogs is known.
    looks = models.BooleanField(default=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    sync_every_minutes = models.PositiveIntegerField(null=True, blank=True)
    sync_at_once = models.BooleanField(default=False)
    #: Whether the tick has something to do for it.
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When the person chose what to add; until then the lines are only looked at.
    saved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="adding_open", condition=Q(is_open=True))
        ]

    def __str__(self) -> str:
        return f"{self.pk} through {self.account_id}"


class AddingLine(models.Model):
    """One line of it."""

    workspace_path = "adding__workspace"

    adding = models.ForeignKey(Adding, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    #: As it was written.
    text = models.CharField(max_length=200)
    #: What is asked of Telegram; empty where the line itself is wrong.
    ref = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()
    #: Whether to add it.
    chosen = models.BooleanField(default=False)
    #: The call that looks at it.
    preview = models.ForeignKey(AccountCall, models.SET_NULL, null=True, related_name="+")
    #: The call that adds it.
    call = models.ForeignKey(AccountCall, models.SET_NULL, null=True, related_name="+")
    #: What it was added as, with its settings.
    channel = models.ForeignKey(Channel, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["adding", "position"], name="adding_line_once"),
        ]

    def __str__(self) -> str:
        return self.text
