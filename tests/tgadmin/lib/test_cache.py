"""What is kept in Valkey is never older than the rows that it was made from."""

import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive import retention, tasks
from archive.filters import Filters
from archive.privacy import forgetting
from archive.search import facets
from dashboard import overview, ranges
from ingestion import hiding
from ingestion.models import Channel, Message, PeoplePolicy, Sender
from ingestion.remapping import remap
from ingestion.services import channels as service
from tests.factories import archive_messages, make_channel, make_member, make_record
from tgadmin.lib import cache

if TYPE_CHECKING:
    from redis import Redis

pytestmark = pytest.mark.django_db


def long_work() -> Callable[..., tuple[int, int]]:
    """Something that takes long: it tells how often it was done."""
    done = count(1)

    def work(*, of: int = 0) -> tuple[int, int]:
        return (of, next(done))

    return work


@pytest.fixture
def shared(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The real one, asked at once."""
    settings.CACHES = {**settings.CACHES, "shared": settings.SHARED_CACHE}
    monkeypatch.setattr(cache, "_away_until", 0.0)
    monkeypatch.setattr(cache, "_TELL_EVERY", 0.0)
    cache._counts.clear()
    cache._owed.clear()
    return caches


def test_it_is_worked_out_once_for_a_workspace_and_its_arguments(
    shared: Any, valkey: "Redis"
) -> None:
    work = long_work()
    assert cache.remember(1, "bars", work, of=5) == (5, 1)
    assert cache.remember(1, "bars", work, of=5) == (5, 1)
    assert cache.remember(1, "bars", work, of=6) == (6, 2)
    assert cache.remember(2, "bars", work, of=5) == (5, 3)
    cache.forget(1)
    assert cache.remember(1, "bars", work, of=5) == (5, 4)
    assert cache.remember(2, "bars", work, of=5) == (5, 3)
    cache.forget(9)  # counts are sent with the next question
    assert {row.kind: (row.hits, row.misses) for row in cache.figures() or []} == {
        "bars": (2, 4), "calendar": (0, 0), "sparklines": (0, 0), "top": (0, 0), "facets": (0, 0)
    }  # fmt: skip
    kept = [key for key in valkey.keys("*") if b"bars:" in key and b"count" not in key]
    assert all(0 < valkey.ttl(key) <= cache.KINDS["bars"] for key in kept)


def test_what_was_worked_out_while_something_changed_is_not_kept(
    shared: Any, valkey: "Redis"
) -> None:
    work = long_work()

    def slow(*, of: int) -> tuple[int, int]:
        found = work(of=of)
        cache.forget(1)  # a batch is committed by somebody else
        return found

    assert cache.remember(1, "bars", slow, of=5) == (5, 1)
    assert cache.remember(1, "bars", slow, of=5) == (5, 2)


def test_without_valkey_everything_is_worked_out_and_nothing_waits(
    shared: Any, valkey: "Redis", settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = long_work()
    assert cache.remember(1, "bars", work) == (0, 1)
    there = settings.CACHES
    gone = {**there["shared"], "LOCATION": f"unix://{tmp_path}/none.sock"}
    settings.CACHES = {**there, "shared": gone}
    began = time.monotonic()
    assert [cache.remember(1, "bars", work)[1] for _ in range(50)] == list(range(2, 52))
    assert time.monotonic() - began < 1
    assert cache.figures() is None
    assert not cache.is_cold()
    cache.forget(1)  # cannot be told, and is not lost
    settings.CACHES = there
    monkeypatch.setattr(cache, "_away_until", 0.0)
    assert cache.remember(1, "bars", work) == (0, 52)


def test_every_way_in_which_messages_change_is_noticed(
    shared: Any, valkey: "Redis", django_capture_on_commit_callbacks: Any
) -> None:
    channel = make_channel()

    shown = ranges.parse(QueryDict("range=custom&from=2026-04-20&to=2026-05-20"))

    def posted() -> int:
        found = overview.bars(channel.workspace_id, [channel.pk], shown)
        return sum(sum(values) for _channel, values in found.series)

    assert posted() == 0
    archive_messages(channel, [make_record(1), make_record(2)])
    assert posted() == 2
    generation = valkey.get(f"tgadmin:1:generation:{channel.workspace_id}")
    archive_messages(channel, [make_record(1), make_record(2)])
    assert valkey.get(f"tgadmin:1:generation:{channel.workspace_id}") == generation
    with django_capture_on_commit_callbacks(execute=True):
        list(remap(channel=channel))
    with django_capture_on_commit_callbacks(execute=True):
        service.remove(channel=channel, user=make_member("owner"), delete_messages=True)
    assert posted() == 0


def test_facets_are_kept_until_a_batch_is_committed(shared: Any, valkey: "Redis") -> None:
    channel = make_channel()
    archive_messages(channel, [make_record(1, text="market day"), make_record(2, text="quiet")])

    def found(**narrower: Any) -> tuple[list[int], bool]:
        with CaptureQueriesContext(connection) as asked:
            where = facets(workspace=channel.workspace, filters=Filters(words="market", **narrower))
        looked = any("ingestion_message " in one["sql"] for one in asked)
        return [one.count for one in where.channels], looked

    assert found() == ([1], True)
    assert found() == ([1], False)
    assert found(kinds=("photo",)) == ([], True)
    archive_messages(channel, [make_record(3, text="market again")])
    assert found() == ([2], True)
    hidden = make_channel(channel.workspace)
    archive_messages(hidden, [make_record(1, text="market hall")])
    assert found() == ([2, 1], True)
    Channel.objects.filter(pk=hidden.pk).update(removed_at=timezone.now())
    assert found() == ([2], True)


def test_a_page_without_valkey_shows_the_same(
    shared: Any,
    valkey: "Redis",
    settings: Any,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
) -> None:
    channel = make_channel()
    now = timezone.now()
    records = [make_record(n, text="market", date=now, views=n) for n in range(1, 4)]
    archive_messages(channel, records)
    client.force_login(make_member("viewer", channel.workspace))

    def shown() -> list[Any]:
        home = client.get("/").context["overview"]
        page = client.get(f"/channels/{channel.pk}/").context
        found = client.get("/messages/?q=market").context
        top = [(post.message.pk, post.value) for post in page["top"].posts]
        return [
            home.posted,
            top,
            page["calendar"],
            page["chart"],
            len(found["cards"]),
            found["where"],
        ]

    kept = [shown(), shown()]
    assert kept[0] == kept[1]
    assert sum(kept[0][0]) == 3
    there = settings.CACHES
    gone = {**there["shared"], "LOCATION": f"unix://{tmp_path}/none.sock"}
    settings.CACHES = {**there, "shared": gone}
    assert shown() == kept[0]
    archive_messages(channel, [make_record(4, text="market", date=now, views=9)])
    assert shown()[1][0] == ((channel.pk, 4), 9)
    settings.CACHES = there
    monkeypatch.setattr(cache, "_away_until", 0.0)
    assert shown()[1][0] == ((channel.pk, 4), 9)


def test_letting_go_and_forgetting_and_hiding_are_noticed(
    shared: Any, valkey: "Redis", django_capture_on_commit_callbacks: Any
) -> None:
    channel = make_channel(kind="supergroup")
    workspace = channel.workspace
    cache.remember(workspace.pk, "bars", long_work())
    sender = Sender.objects.create(
        workspace=workspace, peer_id=101, kind="user", name="Ann", first_seen_at=timezone.now()
    )
    records = [make_record(n, sender_id="101", author="Ann") for n in range(1, 4)]
    archive_messages(channel, records)

    def generation() -> Any:
        return valkey.get(f"tgadmin:1:generation:{workspace.pk}")

    def forget() -> None:
        person = forgetting.request(sender=sender, mode="pseudonym", typed="Ann")
        while forgetting.work(person_id=person.pk, seconds=0):
            pass

    def hide() -> None:
        PeoplePolicy.objects.update(hidden=True, applying=True)
        while hiding.apply_step(workspace.pk):
            pass

    def write_within_a_transaction() -> None:
        archive_messages(channel, [make_record(4)])
        seen.append(generation())

    def keep() -> None:
        retention.keep(workspace=workspace, days=1, action="delete")
        retention.work(run_id=retention.start(channel=channel).pk, seconds=9)

    Message.objects.filter(message_id=3).update(sender_id="102", author="Bob")
    seen: list[Any] = []
    for change in (forget, hide, write_within_a_transaction, keep):
        seen.append(generation())
        with django_capture_on_commit_callbacks(execute=True):
            change()
        assert generation() not in seen, change.__name__
    assert not Message.objects.exists()


def test_after_a_restart_of_valkey_it_is_warmed(
    shared: Any, valkey: "Redis", django_capture_on_commit_callbacks: Any
) -> None:
    channel = make_channel()
    archive_messages(channel, [make_record(1)])
    assert cache.is_cold()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.enqueue_warming()
    assert valkey.llen("rq:queue:exports") == 1
    tasks.warm()
    assert not cache.is_cold()
    assert [key for key in valkey.keys("*") if f"bars:{channel.workspace_id}:".encode() in key]
    valkey.flushall()
    assert cache.is_cold()
