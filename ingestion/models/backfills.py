"""Work through all rows of large tables, and how far it has come."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tgadmin.lib.fields import ToldField


class Backfill(models.Model):
    """One of `ingestion.backfills`, of the whole installation. A job only says "do a slice of it"."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    name = models.CharField(max_length=40, primary_key=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    #: Behind which key it goes on; null: from the first. What is in it is the backfill's business.
    cursor = models.JSONField(null=True)
    #: Rows looked at, those of them that were written, and how many there are about.
    rows = models.BigIntegerField(default=0, db_default=0)
    changed = models.BigIntegerField(default=0, db_default=0)
    estimate = models.BigIntegerField(default=0, db_default=0)
    #: Rows a second, of late.
    rate = models.FloatField(default=0, db_default=0)
    slice = models.PositiveIntegerField(default=0, db_default=0)
    #: Whose work it is; a worker that died leaves an old heartbeat.
    worker_token = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    #: Errors in a row.
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    error = ToldField()
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state"],
                name="backfill_active",
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    @property
    def is_active(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def left(self) -> timedelta | None:
        """For how long it will go on; None where nobody can tell."""
        if not (self.is_active and self.rate > 0):
            return None
        return timedelta(seconds=max(self.estimate - self.rows, 0) / self.rate)
