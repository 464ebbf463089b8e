"""The QR code that a phone is to scan."""

from django.db import models

from ingestion.models.accounts import Account
from tgadmin.lib.fields import EncryptedTextField


class QrCode(models.Model):
    """What is shown of a login by QR code, while it is shown."""

    workspace_path = "account__workspace"

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="qr_code"
    )
    #: tg://login?token=…: whoever's phone accepts it is logged in here.
    url = EncryptedTextField()
    expires_at = models.DateTimeField()
    shown_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id}"
