"""How far mapping a channel's stored records again has come."""

from django.db import models

from ingestion.models.channels import Channel


class Remapping(models.Model):
    """One that is under way, or was interrupted; the row goes when it is done."""

    workspace_path = "channel__workspace"

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="remapping"
    )
    #: Up to this message id.
    done_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.channel_id} to {self.done_to}"
