"""The state of the installation, as those see it who run it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from ingestion.models import Backfill, WorkerHeartbeat
from tests.dashboard.world import World
from tgadmin.doctor.figures import collect
from tgadmin.lib import cache, jobs, last_backup

if TYPE_CHECKING:
    from redis import Redis

ClientOf = Callable[[str], Client]


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    settings.TGADMIN_DATA_DIR = tmp_path
    return tmp_path


def page_of(client: Client) -> str:
    answer = client.get("/status/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_names_versions_tables_queues_and_workers(
    world: World, client_of: ClientOf, data: Path, valkey: "Redis"
) -> None:
    page = page_of(client_of("owner"))
    for words in ("PostgreSQL", "Telethon", "Valkey", "ingestion_message", "worker-1", "free of"):
        assert words in page, words
    assert "no answer" not in page


def test_what_is_wrong_stands_first_with_what_to_do(
    world: World, client_of: ClientOf, data: Path, valkey: "Redis"
) -> None:
    WorkerHeartbeat.objects.all().delete()
    page = page_of(client_of("owner"))
    assert "No worker is alive for: slices, calls, exports" in page
    assert page.index("No worker is alive for") < page.index("In order")
    assert "manage.py up" in page


def test_the_last_backup(world: World, client_of: ClientOf, data: Path, valkey: "Redis") -> None:
    assert "python3 manage.py backup FILE" in page_of(client_of("owner"))
    last_backup.remember(data, file="/backups/b.tar", size=5_000_000)
    page = page_of(client_of("owner"))
    assert "just now" in page
    assert "5.0 MB" in page
    assert "python3 manage.py backup FILE" not in page


def test_without_valkey_the_page_still_tells(
    world: World, client_of: ClientOf, data: Path, settings: Any
) -> None:
    settings.RQ_QUEUES = {
        name: {"URL": f"unix://{data}/none.sock?db=0"} for name in ("slices", "calls", "exports")
    }
    page = page_of(client_of("owner"))
    assert "no answer" in page
    assert "Valkey is not running" in page


def test_it_says_how_often_figures_were_found_in_valkey(
    world: World,
    client_of: ClientOf,
    data: Path,
    valkey: "Redis",
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CACHES = {**settings.CACHES, "shared": settings.SHARED_CACHE}
    monkeypatch.setattr(cache, "_TELL_EVERY", 0.0)
    monkeypatch.setattr(cache, "_away_until", 0.0)
    cache._counts.clear()
    for _ in range(4):
        cache.remember(world.workspace.pk, "sparklines", int)
    cache.forget(world.workspace.pk)  # what was counted is sent with the next question
    card = page_of(client_of("owner")).split("Figures kept in Valkey")[1].split("</section>")[0]
    found = dict(re.findall(r"<dt[^>]*>(.*?)</dt><dd>(.*?)</dd>", card))
    assert found == dict.fromkeys(cache.KINDS, "–") | {"sparklines": "75%: 3 of 4"}


def test_the_json_beside_it(world: World, client_of: ClientOf, data: Path, valkey: "Redis") -> None:
    told = json.loads(client_of("owner").get("/status.json").content)
    assert told["versions"]["tgadmin"]
    assert told["disk"]["total"] >= told["disk"]["free"]
    assert {queue["name"] for queue in told["queues"]} == {"slices", "calls", "exports", "media"}
    assert {row["check"] for row in told["findings"]} >= {"postgresql", "disk", "workers"}
    assert told["tables"][0]["size"] >= told["tables"][-1]["size"]
    assert told["backup"] is None


def test_a_superuser_sees_it_whatever_their_role(
    world: World, client_of: ClientOf, data: Path, valkey: "Redis"
) -> None:
    viewer = world.people["viewer"]
    assert client_of("viewer").get("/status/").status_code == 403
    assert "/status/" not in client_of("viewer").get("/runs/").content.decode()
    viewer.is_superuser = True
    viewer.save(update_fields=["is_superuser"])
    assert client_of("viewer").get("/status/").status_code == 200
    assert "/status/" in client_of("viewer").get("/runs/").content.decode()


def test_nothing_of_a_workspace_is_told(
    world: World, client_of: ClientOf, data: Path, valkey: "Redis"
) -> None:
    """Its reader may own another workspace."""
    for address in ("/status/", "/status.json"):
        text = client_of("stranger").get(address).content.decode()
        assert not any(name in text for name in ("Хроника", "Reader 2", "447700900", "City desk"))


def test_depth_by_queue(
    world: World, valkey: "Redis", data: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("exports", "export-1-1", print, 1)
    queues = {queue.name: queue for queue in collect().queues}
    assert (queues["exports"].jobs, queues["slices"].jobs) == (1, 0)
    assert (queues["slices"].waiting, queues["slices"].running) == (1, 1)
    assert queues["exports"].running == 1
    assert timezone.is_aware(collect().web_started_at)


def test_backfills_with_their_progress(
    world: World, client_of: ClientOf, data: Path, valkey: "Redis"
) -> None:
    assert "Work through large tables" not in page_of(client_of("owner"))
    Backfill.objects.create(
        name="days", state="running", rows=2_500_000, estimate=10_000_000, rate=25_000
    )
    Backfill.objects.create(name="hashes", state="failed", estimate=0)
    page = page_of(client_of("owner"))
    for words in ("Messages per day", "2,500,000 of 10,000,000", "5 min left, 25,000 rows/s"):
        assert words in page, words
    assert "Failed" in page
