"""A worker of our kind, and what it is told to do; no Django, no database."""

import sys
import time
from pathlib import Path

PATIENCE = 30.0


def wait_for_a_word(folder: str) -> None:
    """Say that it has begun, go on when told to, say that it is done."""
    place = Path(folder)
    (place / "begun").touch()
    deadline = time.monotonic() + PATIENCE
    while not (place / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    (place / "done").touch()


def write(file: str) -> None:
    Path(file).touch()


def main(socket: str) -> None:
    import logging

    import redis
    from rq import Queue

    from tgadmin.lib.jobs import HorseWorker

    logging.basicConfig(level=logging.WARNING)
    connection = redis.Redis(unix_socket_path=socket)
    worker = HorseWorker(
        [Queue("work", connection=connection)],
        connection=connection,
        job_monitoring_interval=1,
        worker_ttl=25,
    )
    worker.work(logging_level=None)


if __name__ == "__main__":
    main(sys.argv[1])
