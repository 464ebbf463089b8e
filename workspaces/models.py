"""Tenancy: people, workspaces, memberships, and what people did."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workspaces.roles import Role

#: A role as people read it.
ROLES = [
    (Role.OWNER, _("Owner")),
    (Role.ADMIN, _("Admin")),
    (Role.ANALYST, _("Analyst")),
    (Role.VIEWER, _("Viewer")),
]


class Appearance(models.TextChoices):
    """How pages look."""

    SYSTEM = "system", pgettext_lazy("theme", "System")
    LIGHT = "light", pgettext_lazy("theme", "Light")
    DARK = "dark", pgettext_lazy("theme", "Dark")


class User(AbstractUser):
    """A person. What they may see is decided by their memberships alone."""

    #: An IANA name such as `Europe/Lisbon`; empty: that of the workspace they look at.
    time_zone = models.CharField(max_length=64, blank=True)
    #: A language of `settings.LANGUAGES`; empty: what their browser asks for.
    language = models.CharField(max_length=10, blank=True)
    #: Empty: what was chosen in their browser before they signed in.
    appearance = models.CharField(
        max_length=6, choices=Appearance, blank=True, default="", db_default=""
    )
    #: Columns of the table of messages, by name; empty: those that it begins with.
    table_columns = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    #: Whether its rows are close together, one line each.
    table_compact = models.BooleanField(default=False, db_default=False)

    @cached_property
    def seats(self) -> "list[Membership]":
        """The person's memberships, the oldest workspace first; asked for once a request."""
        return list(self.memberships.select_related("workspace").order_by("workspace_id"))


class Workspace(models.Model):
    """The tenant: channels, accounts, runs and exports belong to one."""

    name = models.CharField(max_length=120)
    #: For people who chose none, and for what no person asks for, such as schedules.
    time_zone = models.CharField(max_length=64, default="UTC")
    #: What a channel begins with; null: no schedule.
    default_sync_minutes = models.PositiveIntegerField(null=True, blank=True)
    #: Whether a channel begins live.
    default_live = models.BooleanField(default=False, db_default=False)
    #: Days that a finished export is kept; null: until somebody deletes it.
    keep_exports_days = models.PositiveIntegerField(null=True, blank=True, default=30)
    #: When somebody was done with the list of first steps.
    checklist_dismissed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a workspace."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=ROLES)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace} as {self.role}"


class Invite(models.Model):
    """A link that makes whoever opens it a member, once. Only the hash of its secret is kept."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="invites")
    role = models.CharField(max_length=10, choices=ROLES)
    #: For whom, in the inviter's words.
    label = models.CharField(max_length=120, blank=True)
    #: SHA-256 of the secret in the link, in hexadecimal.
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.role} of {self.workspace}"


class SignIn(models.Model):
    """A browser in which a person is signed in: what the list of sessions shows."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins")
    #: SHA-256 of the session's key, in hexadecimal: the key itself would be the session.
    session_hash = models.CharField(max_length=64, unique=True)
    user_agent = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-seen_at"], name="sign_in_newest")]

    def __str__(self) -> str:
        return f"{self.user} from {self.address}"


class AuditEvent(models.Model):
    """Who did what, kept when the thing itself is gone."""

    workspace_path = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-at"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
