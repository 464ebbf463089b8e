"""Is it alive, and is it ready? For supervisors, containers and load balancers; no login."""

import logging
from collections.abc import Callable

import django_rq
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ingestion.services import listening, workers
from tgadmin.lib.replica import from_the_database

log = logging.getLogger(__name__)


class _NotReadyError(Exception):
    pass


@from_the_database
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process does; asks nothing of anybody else."""
    return _answer(request, {"alive": "ok"})


@from_the_database
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when work can be done: database, queue, schema and at least one worker."""
    return _answer(request, {name: _outcome(name, check) for name, check in CHECKS.items()})


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except _NotReadyError as error:
        return str(error)
    except Exception:
        # Whatever a server's client raises means the same here; strangers are not told details.
        log.warning("readyz: %s", name, exc_info=True)
        return "does not answer"
    return "ok"


def _answer(request: HttpRequest, checks: dict[str, str]) -> HttpResponse:
    ready = all(outcome == "ok" for outcome in checks.values())
    status = 200 if ready else 503
    answer: HttpResponse
    if request.get_preferred_type(["application/json", "text/plain"]) == "text/plain":
        text = "".join(f"{name}: {outcome}\n" for name, outcome in checks.items())
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    else:
        outcome = {"status": "ok" if ready else "unavailable", "checks": checks}
        answer = JsonResponse(outcome, status=status)
    # Django logs every 503 as an error; who asks for readiness asks until it is there.
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return answer


def _postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _valkey() -> None:
    django_rq.get_connection("slices").ping()


_migrated = False


def _migrations() -> None:
    """Look for unapplied migrations; once there are none, there are none for this process."""
    global _migrated  # noqa: PLW0603 - a fact about this process's code
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise _NotReadyError("some are not applied")
        _migrated = True


def _worker() -> None:
    if not any("slices" in worker.role for worker in workers.alive()):
        raise _NotReadyError("none is alive")


def _listener() -> None:
    """Needed where a channel is live."""
    alive = any(worker.role == "listener" for worker in workers.alive())
    if not alive and listening.wanted():
        raise _NotReadyError("none is alive, and channels are live")


CHECKS: dict[str, Callable[[], None]] = {
    "postgresql": _postgresql,
    "valkey": _valkey,
    "migrations": _migrations,
    "worker": _worker,
    "listener": _listener,
}
