"""`manage.py listener`: hears what happens in live channels, until it is told to stop."""

import os
import signal
import socket
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from ingestion.live.children import Children
from ingestion.services import workers

#: Seconds between two signs of life.
SIGN_OF_LIFE = 4.0


class Command(BaseCommand):
    help = "Listens to live channels: what is posted, edited or deleted is archived at once."

    def handle(self, **_: Any) -> None:
        over = threading.Event()

        def stop(_signal: int, _frame: FrameType | None) -> None:
            over.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        name = f"listener@{socket.gethostname()}:{os.getpid()}"
        told_at = 0.0

        def sign_of_life() -> None:
            nonlocal told_at
            if time.monotonic() - told_at > SIGN_OF_LIFE:
                told_at = time.monotonic()
                workers.sign_of_life(name, "listener")

        try:
            Children().run(over, sign_of_life)
        finally:
            workers.gone(name)
            connection.close()
