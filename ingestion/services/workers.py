"""Which processes are alive, read from PostgreSQL."""

import os
from datetime import timedelta

from django.utils import timezone

from ingestion.models import WorkerHeartbeat

#: Seconds without a sign of life after which a process counts as gone.
SILENCE = 20


def sign_of_life(name: str, role: str) -> None:
    """This process is alive."""
    now = timezone.now()
    WorkerHeartbeat.objects.update_or_create(
        name=name,
        defaults={"role": role, "pid": os.getpid(), "seen_at": now},
        create_defaults={"role": role, "pid": os.getpid(), "seen_at": now, "started_at": now},
    )


def gone(name: str) -> None:
    """This process ends."""
    WorkerHeartbeat.objects.filter(name=name).delete()


def alive() -> list[WorkerHeartbeat]:
    """Who was seen a moment ago."""
    since = timezone.now() - timedelta(seconds=SILENCE)
    return list(WorkerHeartbeat.objects.filter(seen_at__gt=since).order_by("role", "name"))


def forget_silent() -> None:
    """Drop the rows of processes that are long gone."""
    WorkerHeartbeat.objects.filter(seen_at__lt=timezone.now() - timedelta(hours=1)).delete()
