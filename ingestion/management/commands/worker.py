"""`manage.py worker QUEUE …`: works through jobs until it is told to stop."""

import logging
import os
import socket
from argparse import ArgumentParser
from functools import partial
from typing import Any

import django_rq
from django.core.management.base import BaseCommand
from django.db import connection

from ingestion.services import workers
from tgadmin.lib.jobs import HorseWorker


class Command(BaseCommand):
    help = "Works through the jobs of the given queues (slices, calls, exports, media)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="+", choices=["slices", "calls", "exports", "media"])

    def handle(self, *, queues: list[str], verbosity: int, **_: Any) -> None:
        worker = HorseWorker(
            [django_rq.get_queue(name) for name in queues],
            connection=django_rq.get_connection(queues[0]),
            name=f"{'+'.join(queues)}@{socket.gethostname()}:{os.getpid()}",
            job_monitoring_interval=1,
            worker_ttl=25,
        )
        worker.log_job_description = False
        # Exports do without: Telethon is most of a worker's memory.
        worker.before_first_fork = (
            _import_slices if {"slices", "calls", "media"} & set(queues) else None
        )
        worker.sign_of_life = partial(_sign_of_life, role=" + ".join(queues))
        logging.getLogger("rq").setLevel(logging.DEBUG if verbosity > 1 else logging.WARNING)
        connection.close()
        try:
            worker.work(logging_level=None)
        finally:
            workers.gone(worker.name)
            connection.close()


def _import_slices() -> None:
    """In the parent and with the first job: each horse would import it again, and a worker that
    imports it at its start keeps everybody waiting for the first page.
    """
    import ingestion.sync  # noqa: F401, PLC0415


def _sign_of_life(name: str, role: str) -> None:
    """The connection is closed at once: a horse must not inherit it."""
    try:
        workers.sign_of_life(name, role)
    finally:
        connection.close()
