"""Telegram logins, who holds them, what they were told to wait for, and what they are asked."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tgadmin.lib.fields import EncryptedTextField, ToldField
from workspaces.models import Workspace


class Account(models.Model):
    """A Telegram login that may read channels."""

    workspace_path = "workspace"

    class State(models.TextChoices):
        NEW = "new", "Not connected"
        CODE_SENT = "code_sent", "Waiting for the code"
        PASSWORD_NEEDED = "password_needed", "Waiting for the two-step password"
        READY = "ready", "Connected"
        LOST = "lost", "Login lost"
        DISCONNECTED = "disconnected", "Disconnected"

    class Pace(models.TextChoices):
        GENTLE = "gentle", _("Gentle")
        NORMAL = "normal", _("Normal")
        FAST = "fast", _("Fast")

    class Transport(models.TextChoices):
        AUTOMATIC = "automatic", _("Automatic")
        FULL = "full", _("Full")
        ABRIDGED = "abridged", _("Abridged")
        INTERMEDIATE = "intermediate", _("Intermediate")
        OBFUSCATED = "obfuscated", _("Obfuscated")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="accounts")
    label = models.CharField(max_length=80, blank=True)
    #: With a plus; empty until a login by QR code or session has told it.
    phone = models.CharField(max_length=32, blank=True)
    api_id = models.BigIntegerField()
    api_hash = EncryptedTextField()
    #: Telethon's StringSession: data centre, address and key. Whoever has it is the account.
    session = EncryptedTextField(null=True)
    #: What Telegram wants back together with the code.
    phone_code_hash = EncryptedTextField(null=True)
    password_hint = models.CharField(max_length=200, blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_sent_by = models.CharField(max_length=40, blank=True)
    #: How the code would come when it is asked for again (sms, call …); empty: there is no other way.
    code_next_by = models.CharField(max_length=40, blank=True)
    #: When it may be asked for again.
    code_again_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.NEW)
    user_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=200, blank=True)
    username = models.CharField(max_length=64, blank=True)
    pace = models.CharField(max_length=6, choices=Pace.choices, default=Pace.NORMAL)
    #: Times of day in the workspace's zone, between which no run uses it; null: none.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    #: Whether backfills read in a takeout session, and the one that is open.
    takeout = models.BooleanField(default=False)
    takeout_id = models.BigIntegerField(null=True)
    #: Through whom it reaches Telegram; none: directly. One that is in use cannot be removed.
    proxy = models.ForeignKey(
        "Proxy", models.RESTRICT, null=True, blank=True, related_name="accounts"
    )
    transport = models.CharField(
        max_length=12, choices=Transport.choices, default=Transport.AUTOMATIC
    )
    #: At which port of Telegram's; only where the transport is not automatic.
    port = models.PositiveSmallIntegerField(choices=[(443, "443"), (80, "80")], default=443)
    ipv6 = models.BooleanField(default=False)
    #: What worked last of what is tried automatically, such as `full:443`.
    road = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()
    error_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # It is not known before a login by QR code or session has come.
            models.UniqueConstraint(
                fields=["workspace", "phone"], name="account_phone_once", condition=~Q(phone="")
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.name or self.phone or f"#{self.pk}"

    def save(self, *args: Any, **options: Any) -> None:
        """Keys in other data centres end with the session that they were made under."""
        is_new = self._state.adding
        super().save(*args, **options)
        changed = options.get("update_fields")
        if not is_new and (changed is None or "session" in changed):
            self.keys.exclude(session=AccountKey.mark(self.session)).delete()


class AccountKey(models.Model):
    """The key of an account in another data centre than its own, which is logged in there: files
    are at home in any of them (https://core.telegram.org/api/datacenter).
    """

    workspace_path = "account__workspace"

    account = models.ForeignKey(Account, models.CASCADE, related_name="keys")
    dc_id = models.PositiveSmallIntegerField()
    #: 256 bytes in hexadecimal. Whoever has it is the account there.
    key = EncryptedTextField()
    #: Under which session it was made (`mark`): it ends with that one.
    session = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "dc_id"], name="account_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: data centre {self.dc_id}"

    @staticmethod
    def mark(session: str | None) -> str:
        """Tells sessions apart without saying anything of them: a hash of a random key."""
        return hashlib.sha256((session or "").encode()).hexdigest()


class AccountLease(models.Model):
    """Who holds the account's one connection. A row of its own: it is renewed every 2 s."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="lease")
    token = models.UUIDField(null=True)
    holder = models.CharField(max_length=200, blank=True)
    #: What it is held for (`leases.Priority`).
    priority = models.PositiveSmallIntegerField(default=0, db_default=0)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.account}: {self.holder}"


class AccountClaim(models.Model):
    """Somebody stands ready to work with an account and waits for its lease. Its row is renewed
    while it waits, gone when it has the lease, and void when it is silent.
    """

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="claims")
    #: Of `leases.Priority`: the lowest number goes first.
    priority = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=200)
    since = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.holder} ({self.priority})"


class FloodWait(models.Model):
    """Telegram asked for a pause; kept as history."""

    workspace_path = "account__workspace"

    account = models.ForeignKey(Account, models.CASCADE, related_name="flood_waits")
    #: The request type it holds for, such as `messages.GetHistory`. Others go on.
    method = models.CharField(max_length=80)
    seconds = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "until"], name="flood_until")]

    def __str__(self) -> str:
        return f"{self.method} {self.seconds} s"


class AccountRequests(models.Model):
    """Requests that an account sent to Telegram, by hour and kind."""

    workspace_path = "account__workspace"

    class Kind(models.TextChoices):
        HISTORY = "history", "History"
        RESOLVE = "resolve", "Looking up names"
        JOIN = "join", "Joining channels"
        DIALOGS = "dialogs", "List of channels"
        MEDIA = "media", "Photos and files"
        LOGIN = "login", "Login"
        OTHER = "other", "Other"

    account = models.ForeignKey(Account, models.CASCADE, related_name="request_counts")
    #: The full hour (UTC) in which they were sent.
    hour = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    requests = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "hour", "kind"], name="requests_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.hour:%Y-%m-%d %H} {self.kind}: {self.requests}"


class Dialog(models.Model):
    """A channel or group that an account is in, as its list of dialogs said when last read."""

    workspace_path = "account__workspace"

    account = models.ForeignKey(Account, models.CASCADE, related_name="dialogs")
    peer_id = models.BigIntegerField()
    access_hash = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=255)
    username = models.CharField(max_length=64, blank=True)
    members = models.BigIntegerField(null=True)
    is_private = models.BooleanField(default=False)
    #: Place in the list: 0 is the one with the newest message.
    position = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "peer_id"], name="dialog_once"),
        ]

    def __str__(self) -> str:
        return self.title


class KnownChannel(models.Model):
    """A channel that an account has met: looked at in a preview, resolved, or followed by an
    invite. Its name is never resolved twice, which is what gets accounts limited.
    """

    workspace_path = "account__workspace"

    account = models.ForeignKey(Account, models.CASCADE, related_name="known_channels")
    peer_id = models.BigIntegerField()
    access_hash = models.BigIntegerField()
    #: The name that led to it, in lower case.
    username = models.CharField(max_length=64, blank=True)
    photo_id = models.BigIntegerField(null=True)
    #: That photo in its small size, a JPEG.
    image = models.BinaryField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "peer_id"], name="known_channel_once"),
        ]
        indexes = [models.Index(fields=["account", "username"], name="known_channel_name")]

    def __str__(self) -> str:
        return self.username or str(self.peer_id)


class AccountCall(models.Model):
    """A question to Telegram that a person waits for. The web process posts it; whoever holds
    the account answers it. Arguments are wiped once it is answered; it is void after a minute.
    """

    workspace_path = "account__workspace"

    #: Seconds after which nobody waits for it any more.
    VOID_AFTER = 60

    class Kind(models.TextChoices):
        SEND_CODE = "send_code"
        SIGN_IN = "sign_in"
        CHECK_PASSWORD = "check_password"  # noqa: S105, a kind of call
        #: The code again, by the next way that Telegram offers (an SMS, a call).
        RESEND_CODE = "resend_code"
        LOG_OUT = "log_out"
        #: Whether a login that was refused is accepted again.
        CHECK = "check"
        #: Whose session it is that was typed in.
        CHECK_SESSION = "check_session"
        #: A QR code for a phone to scan, for as long as somebody looks at it.
        SHOW_QR = "show_qr"
        ADD_CHANNEL = "add_channel"
        #: What a link or a number leads to, before it is added.
        PREVIEW = "preview"
        #: Join by an invite link, and add.
        JOIN = "join"
        #: Renew the list of what the account is in.
        DIALOGS = "dialogs"

    class State(models.TextChoices):
        PENDING = "pending"
        CLAIMED = "claimed"
        ANSWERED = "answered"
        FAILED = "failed"
        VOID = "void"

    account = models.ForeignKey(Account, models.CASCADE, related_name="calls")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    arguments = EncryptedTextField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    answer = EncryptedTextField(null=True)
    error_class = models.CharField(max_length=16, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "created_at"],
                name="call_open",
                condition=Q(state__in=["pending", "claimed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
