"""How large an export will be and how long it will take, before it is made."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from archive.exports import TEXT_FORMATS, Options, estimate, sql, weighing
from archive.exports.weighing import Media
from archive.filters import Filters
from archive.models import Export
from ingestion.models import Channel, Medium, Message, StoredFile
from tests.archive.test_options import exported
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db(transaction=True)

#: Backtracking that takes minutes on the text below.
SLOW = "^(.+)(.+)(.+)(.+)\\1\\2\\3\\4x$"


def test_an_estimate_of_a_small_archive_is_exact_in_rows_and_near_in_bytes(
    channel: Channel,
) -> None:
    archive_messages(channel, [make_record(n, text="word " * 50) for n in range(1, 301)])
    for kind in TEXT_FORMATS:
        found = estimate.estimate([channel], format=kind, options=Options())
        size = len(exported([channel], kind))
        assert (found.rows, found.exact) == (300, True)
        assert size * 0.9 < found.size < size * 1.1
        assert 0 < found.seconds < 1
    some = Options(filters=Filters(words="nothing"))
    assert estimate.rows([channel], some) == estimate.Rows(0, exact=True)
    assert estimate.estimate([channel], format="csv", options=some).size == 0


def test_a_large_archive_is_guessed_and_never_counted(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "COUNTED", 100)
    records = [make_record(n, kind="photo" if n % 4 == 0 else "text") for n in range(1, 801)]
    archive_messages(channel, records)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ingestion_message")
    found = estimate.rows([channel], Options(filters=Filters(kinds=("photo",))))
    assert not found.exact
    assert 150 < found.count < 250


def test_earlier_exports_tell_of_size_and_speed(
    channel: Channel, make_export: Callable[..., Export]
) -> None:
    archive_messages(channel, [make_record(n) for n in range(1, 11)])
    made = datetime(2026, 1, 1, tzinfo=UTC)
    make_export(
        "csv",
        state="done",
        rows=10_000,
        size=1_000_000,
        sha256="a",
        started_at=made,
        ended_at=made + timedelta(seconds=2),
    )
    found = estimate.estimate([channel], format="csv", options=Options())
    assert (found.size, found.seconds) == (1_000, 0.002)


def carry(channel: Channel, sizes: dict[int, int], **fields: Any) -> None:
    """Give messages stored files of such sizes; those of one size are one file."""
    for message_id, size in sizes.items():
        file, _ = StoredFile.objects.get_or_create(
            sha256=f"{size:064x}",
            defaults={"size": size, "mime": "image/jpeg", "storage": "local"},
        )
        Medium.objects.create(**{
            "channel": channel, "message_id": message_id, "kind": "photo",
            "remote_id": message_id, "date": WHEN + timedelta(minutes=message_id),
            "state": "done", "want": 2, "file": file, **fields,
        })  # fmt: skip


def weighed(channels: Sequence[Channel], values: dict[str, Any], **options: Any) -> Media:
    filters = Filters.parse(values).filters
    chosen = Options(filters=filters, with_media=True, **options)
    found = estimate.estimate(channels, format="csv", options=chosen).media
    assert found
    return found


@pytest.fixture
def pictured(channel: Channel) -> Channel:
    """Return a channel in which the first ten of twenty messages have a file."""
    records = [
        make_record(n, kind="photo" if n <= 10 else "text", text=f"word{n % 2}", media_meta={})
        for n in range(1, 21)
    ]
    archive_messages(channel, records)
    archive_messages(channel, [], gone=[10])
    carry(channel, {n: 1_000_000 * n for n in range(1, 11)})
    return channel


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ({}, {}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({}, {"with_deleted": False}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"q": ["word1"]}, {}, [1, 3, 5, 7, 9]),
        ({"kind": ["text"]}, {}, []),
        ({"is": ["deleted"]}, {}, [10]),
        ({"from": ["2026-05-02"]}, {}, []),
    ],
)
def test_an_estimate_with_media_adds_the_files_of_what_is_chosen(
    pictured: Channel, values: dict[str, Any], options: dict[str, Any], expected: list[int]
) -> None:
    size = sum(1_000_000 * n for n in expected)
    assert weighed([pictured], values, **options) == Media(len(expected), size, exact=True)
    chosen = Options(filters=Filters.parse(values).filters, **options)
    plain = estimate.estimate([pictured], format="csv", options=replace(chosen, gzip=True))
    heavy = estimate.estimate([pictured], format="csv", options=replace(chosen, with_media=True))
    assert plain.media is None
    assert heavy.size == plain.size + size
    assert heavy.seconds - plain.seconds == pytest.approx(size / 100_000_000)


def test_files_are_weighed_as_the_zip_has_them(pictured: Channel) -> None:
    """Each once, whoever sent it; not what an edit replaced, small pictures, or what was lost."""
    second = make_channel(pictured.workspace)
    archive_messages(second, [make_record(n, media_meta={}) for n in range(1, 5)])
    carry(second, {1: 1_000_000, 2: 50})
    carry(second, {1: 7}, slot=100)
    carry(second, {3: 8})
    small = StoredFile.objects.create(sha256="e" * 64, size=9, mime="image/jpeg", storage="local")
    carry(second, {4: 10}, file=None, thumb=small)
    StoredFile.objects.filter(size=8).update(problem="missing")
    assert weighed([pictured, second], {}) == Media(11, 55_000_050, exact=True)


def test_what_is_redacted_weighs_files_only_where_they_go_out(pictured: Channel) -> None:
    kept = Options(with_media=True, redaction={"rules": {}})
    assert estimate.estimate([pictured], format="csv", options=kept).media is None
    let = replace(kept, redaction={"rules": {"media": True}})
    found = estimate.estimate([pictured], format="csv", options=let).media
    assert found
    assert found.files == 10


def test_of_many_files_the_newest_stand_for_the_rest(
    pictured: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most so many are looked at, and those of a small channel are known."""
    monkeypatch.setattr(weighing, "LOOKED", 200)
    many = make_channel(pictured.workspace)
    archive_messages(many, [make_record(n, media_meta={}) for n in range(1, 801)])
    carry(many, {n: 1000 + n for n in range(1, 801)})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ingestion_medium")
    found = weighed([pictured, many], {})
    assert not found.exact
    assert 750 < found.files < 850
    assert 55_000_000 + 750 * 1700 < found.size < 55_000_000 + 850 * 1800


def test_a_large_stores_files_are_looked_at_along_its_index(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "LOOKED", 100)
    archive_messages(channel, [make_record(n, media_meta={}) for n in range(1, 5001)])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ingestion_storedfile (sha256, size, mime, storage, has_preview, shown,"
            " stored_at, problem) SELECT lpad(n::text, 64, '0'), n, 'image/jpeg', 'local', false,"
            " '', now(), '' FROM generate_series(1, 5000) n"
        )
        cursor.execute(
            "INSERT INTO ingestion_medium (channel_id, message_id, kind, remote_id, date, error,"
            " file_id) SELECT channel_id, message_id, 'photo', 1, date, '[]',"
            " lpad(message_id::text, 64, '0') FROM ingestion_message"
        )
        cursor.execute("ANALYZE ingestion_medium, ingestion_message, ingestion_storedfile")
    asked: list[str] = []

    def explain(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        if statement == sql.MEDIA:
            execute(f"EXPLAIN {statement}", parameters, many, context)
            asked.append("\n".join(row[0] for row in context["cursor"].fetchall()))
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(explain):
        weighed([channel], {"kind": ["text"]})
    (plan,) = asked
    assert "medium_stored" in plan
    assert "Seq Scan" not in plan, plan


def test_a_filter_that_takes_minutes_is_left_out_of_what_files_weigh(
    pictured: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighing, "MILLISECONDS", 200)
    text = "".join(map(chr, range(0x4E00, 0x5000))) + "x"
    Message.objects.filter(channel=pictured, message_id=1).update(text=text)
    found = weighed([pictured], {"re": [SLOW], "to": ["2026-05-02"]}, with_deleted=False)
    assert found == Media(9, 45_000_000, exact=False)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_zstandard_is_estimated_as_small_as_gzip_and_quicker(channel: Channel, kind: str) -> None:
    archive_messages(channel, [make_record(n, text="word " * 50) for n in range(1, 301)])
    plain, gzip_, zstd = (
        estimate.estimate([channel], format=kind, options=options)
        for options in (Options(), Options(gzip=True), Options(zstd=True))
    )
    assert zstd.size == gzip_.size < plain.size / 4
    assert len(exported([channel], kind, zstd=True)) < zstd.size * 2
    assert plain.seconds < zstd.seconds < gzip_.seconds


def test_earlier_exports_with_media_say_nothing_of_a_row(
    pictured: Channel, make_export: Callable[..., Export]
) -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    make_export(
        "csv", state="done", rows=10_000, size=10**12, sha256="a", with_media=True,
        started_at=made, ended_at=made + timedelta(hours=2),
    )  # fmt: skip
    found = estimate.estimate([pictured], format="csv", options=Options(with_media=True))
    assert 55_000_000 < found.size < 55_100_000
