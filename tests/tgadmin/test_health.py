"""/healthz and /readyz: for probes, without login."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from ingestion.models import WorkerHeartbeat
from tests.factories import make_channel
from tgadmin import health

if TYPE_CHECKING:
    from redis import Redis


@pytest.fixture
def worker(db: None) -> WorkerHeartbeat:
    now = timezone.now()
    return WorkerHeartbeat.objects.create(
        name="one", role="slices + exports", pid=1, started_at=now, seen_at=now
    )


def test_healthz_asks_nobody(client: Client) -> None:
    """No database is allowed in this test."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_ready(client: Client, worker: WorkerHeartbeat, valkey: "Redis") -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": dict.fromkeys(("postgresql", "valkey", "migrations", "worker", "listener"), "ok"),
    }


def test_plain_text_for_people(client: Client, worker: WorkerHeartbeat, valkey: "Redis") -> None:
    answer = client.get("/readyz", headers={"Accept": "text/plain"})
    assert answer.content.decode() == (
        "postgresql: ok\nvalkey: ok\nmigrations: ok\nworker: ok\nlistener: ok\n"
    )


def test_without_a_worker_it_is_not_ready(client: Client, db: None, valkey: "Redis") -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == "none is alive"


def test_live_channels_need_a_listener(
    client: Client, worker: WorkerHeartbeat, valkey: "Redis"
) -> None:
    make_channel(live=True)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["listener"] == "none is alive, and channels are live"


def test_a_worker_for_other_queues_does_not_sync(
    client: Client, worker: WorkerHeartbeat, valkey: "Redis"
) -> None:
    WorkerHeartbeat.objects.update(role="calls")
    assert client.get("/readyz").status_code == 503


def test_a_silent_worker_counts_as_gone(
    client: Client, worker: WorkerHeartbeat, valkey: "Redis"
) -> None:
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    assert client.get("/readyz").status_code == 503


def test_a_failing_check_tells_strangers_no_detail(
    client: Client, worker: WorkerHeartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ConnectionError("secret.example.org refused")

    monkeypatch.setitem(health.CHECKS, "valkey", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["valkey"] == "does not answer"
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
