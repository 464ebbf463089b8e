"""`manage.py tick`: enqueues what is due, every second, until it is told to stop."""

import logging
import os
import signal
import socket
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connection

from ingestion import tasks
from ingestion.services import workers
from tgadmin.lib import periodic

logger = logging.getLogger(__name__)

#: Seconds between two looks, and after an error.
PAUSE = 1.0
AFTER_ERROR = 3.0


class Command(BaseCommand):
    help = "Enqueues what is due: new runs, waits that ended, schedules, runs left by dead workers."

    def handle(self, **_: Any) -> None:
        over = threading.Event()

        def stop(_signal: int, _frame: FrameType | None) -> None:
            over.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        name = f"tick@{socket.gethostname()}:{os.getpid()}"
        told_at = 0.0
        while not over.is_set():
            pause = PAUSE
            try:
                tasks.tick()
                periodic.run_due()
                if time.monotonic() - told_at > PAUSE * 4:
                    told_at = time.monotonic()
                    workers.sign_of_life(name, "tick")
                    workers.forget_silent()
            except Error as error:
                logger.warning("The database does not answer (%s); trying again", error)
                connection.close()
                pause = AFTER_ERROR
            over.wait(pause)
        workers.gone(name)
