"""Processes that are alive. In PostgreSQL, because Valkey may be flushed."""

from django.db import models


class WorkerHeartbeat(models.Model):
    """A worker or the tick, seen a moment ago."""

    name = models.CharField(max_length=120, primary_key=True)
    role = models.CharField(max_length=60)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
