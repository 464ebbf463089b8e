"""What a policy wants, in Python as the writer asks and in SQL as the plan does: the same."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ingestion.media import planning
from ingestion.media.estimate import estimate
from ingestion.media.wanting import Wish
from ingestion.models import Channel, MediaLine, MediaPolicy, Medium, StoredFile
from ingestion.services import media
from tests.factories import archive_messages, make_channel, make_record

WISHES: dict[str, dict[str, Any]] = {
    "nothing": {"mode": "metadata"},
    "all": {"mode": "all"},
    "thumbnails": {"mode": "thumbnails"},
    "kinds": {"mode": "all", "kinds": frozenset({"photo", "voice"})},
    "small": {"mode": "all", "max_size": 50_000},
    "between": {"mode": "all", "min_size": 50_000, "max_size": 2_000_000},
    "types": {"mode": "all", "mimes": ("image/*", "application/pdf")},
    "an underscore is no joker": {"mode": "all", "mimes": ("video/m_4",)},
    "days": {"mode": "all", "since": date(2026, 5, 2), "until": date(2026, 5, 3)},
}
FILES: list[tuple[str, dict[str, Any]]] = [
    ("photo", {"size": 40_000}),
    ("video", {"size": 5_000_000, "mime": "video/mp4"}),
    ("document", {"size": 50_000, "mime": "application/pdf"}),
    ("document", {"size": 2_000_000, "mime": "image/png"}),
    ("voice", {"size": 9_000, "mime": "audio/ogg"}),
    ("audio", {"mime": "audio/mpeg"}),
]


def records(count: int = 24) -> list[Any]:
    made = []
    for n in range(1, count + 1):
        kind, meta = FILES[n % len(FILES)]
        when = datetime(2026, 5, 1, 22, tzinfo=UTC) + timedelta(hours=3 * n)
        made.append(make_record(n, kind=kind, date=when, media_meta={"id": str(n), **meta}))
    return made


def wanted(channel: Channel) -> dict[int, int]:
    return dict(Medium.objects.filter(channel=channel).values_list("message_id", "want"))


@pytest.fixture
def channel(db: None) -> Channel:
    return make_channel()


@pytest.mark.parametrize("name", WISHES)
def test_the_writer_and_the_plan_want_the_same(channel: Channel, name: str) -> None:
    wish = Wish(**WISHES[name])
    archive_messages(channel, records())
    media.save_policy(workspace=channel.workspace, channel=channel, wish=wish, user=None)
    assert planning.plan(MediaLine.objects.get(pk=channel.pk))
    by_plan = wanted(channel)
    other = make_channel(channel.workspace)
    media.save_policy(workspace=channel.workspace, channel=other, wish=wish, user=None)
    archive_messages(other, records())
    assert wanted(other) == by_plan
    found = estimate([channel], wish)
    assert found.files == sum(bool(want) for want in by_plan.values())
    assert found.exact


def test_of_a_long_history_it_is_an_estimate_that_costs_no_more(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.media import estimate as module

    archive_messages(channel, records(1_200))
    wish = Wish(mode="all", kinds=frozenset({"photo"}))
    exact = estimate([channel], wish)
    monkeypatch.setattr(module, "SAMPLE", 300)
    with CaptureQueriesContext(connection) as queries:
        about = estimate([channel], wish)
    assert not about.exact
    assert len(queries) == 2
    assert abs(about.files - exact.files) <= exact.files * 0.35


def test_a_channel_follows_its_workspace_until_it_has_its_own(channel: Channel) -> None:
    assert media.wish_of(channel).mode == "metadata"
    everything = Wish(mode="all")
    media.save_policy(workspace=channel.workspace, channel=None, wish=everything, user=None)
    assert media.wish_of(channel).mode == "all"
    media.save_policy(
        workspace=channel.workspace, channel=channel, wish=Wish(mode="never"), user=None
    )
    assert media.wish_of(channel).mode == "never"
    media.forget_policy(channel=channel, user=None)
    assert media.wish_of(channel).mode == "all"
    stranger = make_channel()
    assert media.wish_of(stranger).mode == "metadata"


def test_never_writes_no_row_and_asks_one_question(channel: Channel) -> None:
    MediaPolicy.objects.create(workspace=channel.workspace, channel=channel, mode="never")
    archive_messages(channel, records())
    assert not Medium.objects.exists()
    assert not MediaLine.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_brings_another_file_keeps_the_one_that_was_here(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, kind="photo", media_meta={"id": "5"})])
    file = StoredFile.objects.create(sha256="a" * 64, size=3, mime="image/jpeg", storage="local")
    Medium.objects.update(file=file, state="done", want=2)
    later = datetime(2026, 6, 1, tzinfo=UTC)
    archive_messages(
        channel, [make_record(1, kind="photo", media_meta={"id": "6"}, edit_date=later)]
    )
    rows = {row.slot: row for row in Medium.objects.filter(channel=channel)}
    assert {slot: row.remote_id for slot, row in rows.items()} == {0: 6, 100: 5}
    assert (rows[100].file, rows[0].file) == (file, None)
    text = [make_record(1, text="Only words", edit_date=later + timedelta(days=1))]
    archive_messages(channel, text)
    assert set(Medium.objects.values_list("slot", flat=True)) == {100}


def test_an_edit_of_the_words_alone_changes_nothing_of_the_file(channel: Channel) -> None:
    first = make_record(1, kind="photo", media_meta={"id": "5"})
    archive_messages(channel, [first])
    Medium.objects.update(state="done", want=2)
    later = datetime(2026, 6, 1, tzinfo=UTC)
    archive_messages(
        channel,
        [make_record(1, kind="photo", text="Other", media_meta={"id": "5"}, edit_date=later)],
    )
    assert Medium.objects.get().state == "done"


def test_what_destroys_itself_is_nobodys_to_keep(channel: Channel) -> None:
    meta = {"id": "5", "ttl_seconds": 10}
    archive_messages(channel, [make_record(1, kind="photo", media_meta=meta)])
    assert not Medium.objects.exists()


def test_a_narrower_policy_deletes_nothing(channel: Channel) -> None:
    media.save_policy(
        workspace=channel.workspace, channel=channel, wish=Wish(mode="all"), user=None
    )
    archive_messages(channel, records(6))
    file = StoredFile.objects.create(sha256="b" * 64, size=3, mime="image/jpeg", storage="local")
    Medium.objects.filter(message_id__lte=3).update(file=file, state="done")
    media.save_policy(
        workspace=channel.workspace, channel=channel, wish=Wish(mode="metadata"), user=None
    )
    assert planning.plan(MediaLine.objects.get(pk=channel.pk))
    states = dict(Medium.objects.values_list("message_id", "state"))
    assert states == {1: "done", 2: "done", 3: "done", 4: "skipped", 5: "skipped", 6: "skipped"}
