"""JSON Lines → an empty tgadmin → JSON Lines: the same bytes."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from archive.models import ChannelDay
from ingestion.coverage import report
from ingestion.models import Channel, ChannelTotals, Coverage, Message, MessageRevision
from tests.factories import archive_messages, make_channel, make_record
from tests.ingestion.importing.running import run_import
from workspaces.services import default_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def channel(transactional_db: None) -> Channel:
    """With edits, a deletion, a gap, and every shape of field."""
    channel = make_channel(
        default_workspace(), title="Быль «1»", tags=["a", "b"], notes="n", about="x\ny", members=12
    )
    rows = [
        make_record(1),
        make_record(
            2,
            text='Ünï 😀 \\ " quoted',
            entities=[{"type": "bold", "offset": 0, "length": 3}],
            media_meta={"type": "geo", "lat": 55.75, "long": -0.000123},
            kind="geo",
            reactions={"👍": 3},
            links=["https://e.org/?a=1&b=2"],
            hashtags=["x"],
            reply_to={"message_id": 1},
            forward={"from_id": "-100", "date": "2026-01-01T00:00:00+00:00"},
            grouped_id=2**53 + 1,
            views=10,
            raw={"id": 2, "message": "Ünï", "n": 1.5, "big": 2**60},
        ),
        make_record(3, attached={"edited": True}),
        make_record(5),
    ]
    archive_messages(channel, rows)
    edited = datetime(2026, 5, 2, 1, 2, 3, 456789, tzinfo=UTC)
    archive_messages(channel, [replace(rows[0], text="Edited", edit_date=edited)], gone=[5])
    return channel


def exported(path: Path) -> bytes:
    call_command("export", output=str(path), format="jsonl", verbosity=0)
    return path.read_bytes()


def emptied() -> None:
    for model in (Message, MessageRevision):
        model.objects.all()._raw_delete("default")
    call_command("flush", verbosity=0, interactive=False)
    default_workspace()


def test_a_whole_export_comes_back_as_the_same_bytes(channel: Channel, tmp_path: Path) -> None:
    before = exported(tmp_path / "a.jsonl")
    gaps, days = report(channel).gaps, _days()
    emptied()
    row = run_import(tmp_path / "a.jsonl")["channels"][0]
    assert (row["read"], row["new"], row["errors"]) == (4, 4, 0)

    assert exported(tmp_path / "b.jsonl") == before
    there = Channel.objects.get()
    assert (there.pk, there.title, there.tags, there.notes, there.members) == (
        channel.pk, channel.title, ["a", "b"], "n", 12,
    )  # fmt: skip
    assert report(there).gaps == gaps
    assert _days() == days
    totals = ChannelTotals.objects.get()
    assert (totals.messages, totals.deleted, totals.revisions) == (4, 1, 1)
    assert set(Coverage.objects.values_list("source", flat=True)) == {"mtproto"}
    # The next channel gets a key of its own.
    assert make_channel().pk > there.pk
    assert run_import(tmp_path / "a.jsonl")["channels"][0]["unchanged"] == 4


def _days() -> list[tuple[object, ...]]:
    return list(
        ChannelDay.objects.order_by("day").values_list("day", "messages", "deleted", "views")
    )


def test_packed_or_zipped_it_is_the_same(channel: Channel, tmp_path: Path) -> None:
    call_command(
        "export", output=str(tmp_path / "a.jsonl.gz"), format="jsonl", gzip=True, verbosity=0
    )
    plain = exported(tmp_path / "plain.jsonl")
    emptied()
    assert run_import(tmp_path / "a.jsonl.gz")["channels"][0]["new"] == 4
    assert exported(tmp_path / "b.jsonl") == plain


def test_a_file_that_is_not_that_of_its_manifest_brings_nothing(
    channel: Channel, tmp_path: Path
) -> None:
    exported(tmp_path / "a.jsonl")
    data = (tmp_path / "a.jsonl").read_bytes()
    emptied()
    (tmp_path / "a.jsonl").write_bytes(data.replace(b"Message 3", b"Message X"))
    with pytest.raises(CommandError, match="checksums differ"):
        run_import(tmp_path / "a.jsonl")
    assert not Message.objects.exists()
    # Without it the messages come, and nothing is said to be complete.
    (tmp_path / "a.jsonl.manifest.json").unlink()
    assert run_import(tmp_path / "a.jsonl")["channels"][0]["new"] == 4
    assert set(Coverage.objects.values_list("source", flat=True)) == {"jsonl"}
