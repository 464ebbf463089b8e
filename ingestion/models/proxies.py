"""Proxies of a workspace, and looking whether Telegram answers through them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tgadmin.lib.fields import EncryptedTextField
from workspaces.models import Workspace


class Proxy(models.Model):
    """Somebody through whom accounts reach Telegram."""

    workspace_path = "workspace"

    class Kind(models.TextChoices):
        SOCKS5 = "socks5", "SOCKS5"
        HTTP = "http", "HTTP"
        MTPROXY = "mtproxy", "MTProxy"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="proxies")
    name = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    username = models.CharField(max_length=255, blank=True)
    password = EncryptedTextField(null=True)
    #: Of an MTProxy, as it was typed.
    secret = EncryptedTextField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "host", "port", "username"], name="proxy_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.host}:{self.port}"


class RoadCheck(models.Model):
    """A look at which data centre answers through a proxy, or directly, by which transport."""

    workspace_path = "workspace"

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DONE = "done", _("Done")

    #: Seconds after which nobody expects it any more.
    VOID_AFTER = 60

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="road_checks")
    #: None: directly.
    proxy = models.ForeignKey(Proxy, models.CASCADE, null=True, related_name="checks")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    #: `[{"dc", "host", "port", "transport", "ms" | "error"}]`, and what Telegram calls nearest.
    results = models.JSONField(default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.proxy_id or 'direct'}: {self.state}"
