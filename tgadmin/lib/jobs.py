"""RQ as we use it: a job takes ids, its worker is seen in PostgreSQL, and no horse outlives it."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from typing import Any

import django_rq
import redis
from django.conf import settings
from django.utils import timezone
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.worker import Worker

from tgadmin.lib import leases, processes

#: Under which a job says who took it.
_WORKER = "worker"
#: Seconds between two signs of life in PostgreSQL.
SIGN_OF_LIFE = 4.0
#: Valkey is away. A job does not need it, and neither does its worker until it asks for the next.
AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)


def enqueue(queue: str, job_id: str, function: Callable[..., Any], *args: Any) -> bool:
    """Put a job into a queue unless one of that id is there; False when it is.

    The caller's truth is in PostgreSQL: when Valkey is down the tick will try again, so that is
    no error here.
    """
    try:
        django_rq.get_queue(queue).enqueue(
            function, *args, job_id=job_id, unique=True, result_ttl=0, failure_ttl=60
        )
    except DuplicateJobError:
        return False
    except AWAY:
        return False
    return True


def is_stuck(queue: str, job_id: str, *, patience: timedelta) -> bool:
    """Whether a job left its queue with a worker that died: at once where that can be known, else
    after a while. Ask only about a job whose work has not begun.
    """
    try:
        job = Job.fetch(job_id, connection=django_rq.get_connection(queue))
        if job.get_status() == JobStatus.QUEUED and job.get_position() is not None:
            return False
    except Exception:  # noqa: BLE001, gone or Valkey is down: the next tick sees
        return False
    if processes.is_known_dead(job.meta.get(_WORKER, "")):
        return True
    since = job.started_at or job.enqueued_at
    return since is None or since < timezone.now() - patience


def queue_depths() -> dict[str, int] | None:
    """How many jobs wait in each queue; None when Valkey does not answer at once. Jobs that wait
    for their time are in PostgreSQL, not here.
    """
    names = list(settings.RQ_QUEUES)
    client = _hasty(str(settings.RQ_QUEUES[names[0]]["URL"]))
    try:
        with client.pipeline(transaction=False) as asked:
            for name in names:
                asked.llen(f"{Queue.redis_queue_namespace_prefix}{name}")
            return dict(zip(names, asked.execute(), strict=True))
    except redis.exceptions.RedisError:
        return None


@lru_cache(maxsize=4)
def _hasty(url: str) -> "redis.Redis":
    """Its connections are kept; it waits for nobody."""
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


class HorseWorker(Worker):
    """A forking worker whose horse dies with it and hears of its SIGTERM.

    RQ's own worker forwards nothing, so a slice would go on until it is killed; and a worker that
    is killed leaves its horse behind, still connected to Telegram.

    Nor does it end when Valkey does. RQ's own one quits when any of its notes cannot be written,
    and calls a job failed that went well when Valkey was flushed meanwhile; here what a job did is
    in PostgreSQL, and what is lost with Valkey is queued again by the tick.
    """

    #: Called every few seconds with this worker's name; it must close what it opens (we fork).
    sign_of_life: Callable[[str], None] | None = None
    #: Called in the parent before it forks for the first time.
    before_first_fork: Callable[[], None] | None = None
    #: Seconds between two looks for a Valkey that is away, at most. It is on this machine or near,
    #: so that asking costs nothing; RQ's minute would keep work waiting long after it is back.
    max_connection_wait_time = 2.0
    _last_sign = 0.0

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        with suppress(*AWAY):
            super().heartbeat(timeout, pipeline)
        if self.sign_of_life and not self.is_horse and time.monotonic() > self._last_sign:
            self._last_sign = time.monotonic() + SIGN_OF_LIFE
            try:
                self.sign_of_life(self.name)
            except Exception:
                self.log.exception("Worker %s: could not write its sign of life", self.name)

    def maintain_heartbeats(self, job: Job, execution: Any) -> None:
        """Valkey may restart while the horse works: the horse does not need it.

        A horse that stands still cannot let go of what it holds, so it is ended in time.
        """
        if leases.is_stuck():
            self.log.warning("Worker %s: its horse stands still and is ended", self.name)
            self.kill_horse()
            return
        try:
            super().maintain_heartbeats(job, execution)
        except AWAY:
            self.log.warning("Worker %s: Valkey does not answer; the job goes on", self.name)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        with suppress(*AWAY):
            super().set_state(state, pipeline)

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001, RQ's signature
        with suppress(*AWAY):
            super().check_for_suspension(burst)

    def run_maintenance_tasks(self) -> None:
        with suppress(*AWAY):
            super().run_maintenance_tasks()  # type: ignore[no-untyped-call] # RQ says no types

    def prepare_job_execution(self, job: Job, *args: Any, **kwargs: Any) -> None:
        with suppress(*AWAY):
            super().prepare_job_execution(job, *args, **kwargs)

    def _finalize_success(self, job: Job, *args: Any, **kwargs: Any) -> None:
        """The work is done. Noting that in Valkey may fail, and then is of no use."""
        try:
            super()._finalize_success(job, *args, **kwargs)
        except (redis.exceptions.RedisError, InvalidJobOperation, NoSuchJobError) as error:
            self.log.info("Worker %s: %s is done; Valkey forgot it (%s)", self.name, job.id, error)

    def teardown(self) -> None:
        with suppress(*AWAY):
            super().teardown()  # type: ignore[no-untyped-call] # RQ says no types

    def execute_job(self, job: Job, queue: Any) -> None:
        if self.before_first_fork:
            self.before_first_fork()
            self.before_first_fork = None
        leases.hold_nothing()
        try:
            job.meta[_WORKER] = processes.own_name()
            job.save_meta()  # type: ignore[no-untyped-call] # RQ says no types
            super().execute_job(job, queue)
        except AWAY:
            self.log.warning(
                "Worker %s: Valkey does not answer; the tick sees to what became of %s",
                self.name,
                job.id,
            )

    def main_work_horse(self, job: Job, queue: Any) -> None:
        processes.die_with_parent()
        super().main_work_horse(job, queue)

    def handle_warm_shutdown_request(self) -> None:
        if self.horse_pid:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(self.horse_pid, signal.SIGTERM)
