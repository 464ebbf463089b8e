"""What stands in an exported file."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from archive.exports import FORMATS, TEXT_FORMATS, Options, stream
from archive.models import Export
from ingestion.models import Channel, Message
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db(transaction=True)


class Memory:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []

    def write(self, block: bytes) -> None:
        self.blocks.append(block)

    @property
    def data(self) -> bytes:
        return b"".join(self.blocks)


def exported(channel: Channel, kind: str, **options: Any) -> bytes:
    sink = Memory()
    rows = stream([channel], format=FORMATS[kind], options=Options(**options), sink=sink)
    assert rows == len(read(sink.data, kind))
    return sink.data


def read(data: bytes, format: str) -> list[dict[str, Any]]:  # noqa: A002
    if format == "jsonl":
        return [json.loads(line) for line in data.splitlines()]
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


NASTY = [
    'quotes " and "" more',
    "lines\nbroken\r\nthrice\r",
    "commas, semicolons; and\ttabs",
    "back\\slashes \\n \\. \\x01",
    "\\.",
    "\x01,\x02\x01\x01\n\x02",
    "controls \x01 \x02 \x7f \u2028 \u2029 \ufeff",
    "emoji 👩‍👩‍👧‍👦 and Ελλάδα, العربية, 世界, Привет",
    "",
    " ",
    "'quoted'",
    "NULL",
    "\\N",
]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_texts_come_out_as_they_went_in(channel: Channel, kind: str) -> None:
    archive_messages(channel, [make_record(n, text=text) for n, text in enumerate(NASTY, 1)])
    assert [row["text"] for row in read(exported(channel, kind), kind)] == NASTY


def test_a_json_line_holds_all_that_is_known(channel: Channel) -> None:
    sent = make_record(
        7,
        text="Привет, 世界",
        edit_date=WHEN + timedelta(hours=2),
        sender_id="-1001",
        author="Ada",
        entities=[{"type": "bold", "offset": 0, "length": 6}],
        kind="photo",
        media_meta={"type": "photo", "id": "55"},
        reply_to={"message_id": 3},
        forward={"from_id": "-1005"},
        grouped_id=99,
        topic_id=4,
        links=["https://example.org"],
        hashtags=["news"],
        views=10,
        forwards=2,
        replies=1,
        reactions={"👍": 3},
        attached={"poll": {"total": 4}},
        raw={"_": "Message", "bytes": b"\x00\xff", "nul": "a\0b"},
    )
    archive_messages(channel, [sent])
    stored = Message.objects.get()
    (line,) = read(exported(channel, "jsonl"), "jsonl")
    first_seen_at = datetime.fromisoformat(line.pop("first_seen_at"))
    assert first_seen_at == stored.first_seen_at
    assert line == {
        "channel_id": channel.pk,
        "peer_id": channel.peer_id,
        "message_id": 7,
        "date": "2026-05-01T12:07:00+00:00",
        "edit_date": "2026-05-01T14:00:00+00:00",
        "deleted_at": None,
        "sender_id": "-1001",
        "author": "Ada",
        "kind": "photo",
        "text": "Привет, 世界",
        "entities": [{"type": "bold", "offset": 0, "length": 6}],
        "media": {"type": "photo", "id": "55"},
        "reply_to": {"message_id": 3},
        "forward": {"from_id": "-1005"},
        "grouped_id": 99,
        "topic_id": 4,
        "links": ["https://example.org"],
        "hashtags": ["news"],
        "views": 10,
        "forwards": 2,
        "replies": 1,
        "reactions": {"👍": 3},
        "attached": {"poll": {"total": 4}},
        "revisions": [],
        "raw": {"_": "Message", "bytes": "AP8=", "nul": "a␀b"},
    }


def test_a_csv_row_holds_what_fits_a_table(channel: Channel) -> None:
    archive_messages(
        channel,
        [
            make_record(
                7,
                sender_id="-1001",
                author="Ada",
                media_meta={"type": "photo"},
                links=["https://a.example", "https://b.example"],
                hashtags=["news", "today"],
                views=10,
                reactions={"👍": 3},
            )
        ],
    )
    data = exported(channel, "csv")
    (row,) = read(data, "csv")
    assert datetime.fromisoformat(row.pop("first_seen_at")) == Message.objects.get().first_seen_at
    assert row == {
        "channel_id": str(channel.pk),
        "peer_id": str(channel.peer_id),
        "message_id": "7",
        "date": "2026-05-01T12:07:00+00:00",
        "edit_date": "",
        "deleted_at": "",
        "sender_id": "-1001",
        "author": "Ada",
        "kind": "text",
        "text": "Message 7",
        "views": "10",
        "forwards": "0",
        "replies": "",
        "reactions": '{"👍": 3}',
        "attached": "",
        "media": '{"type": "photo"}',
        "reply_to": "",
        "forward": "",
        "grouped_id": "",
        "topic_id": "",
        "links": "https://a.example https://b.example",
        "hashtags": "news today",
        "revisions": "0",
    }


def test_csv_begins_with_a_mark_for_excel_and_ends_lines_as_rfc_4180_says(
    channel: Channel,
) -> None:
    archive_messages(channel, [make_record(1), make_record(2)])
    data = exported(channel, "csv")
    assert data.startswith(b"\xef\xbb\xbfchannel_id,peer_id,message_id,")
    assert data.count(b"\r\n") == data.count(b"\n") == 3


def test_no_cell_is_a_formula_and_each_text_can_be_had_back(channel: Channel) -> None:
    signs = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'=", "''@"]
    cells = [f"{sign}HYPERLINK(1)" for sign in signs]
    plain = ["'tis", "''", "a=1", " =1", "\u202e=1"]
    archive_messages(
        channel,
        [
            make_record(n, text=cell, author=cell, sender_id=cell, links=[cell], hashtags=[cell])
            for n, cell in enumerate([*cells, *plain], 1)
        ],
    )
    straight = read(exported(channel, "csv"), "csv")
    redacted = Memory()
    with pytest.MonkeyPatch.context() as patch:
        # Rows that were redacted are written by Python instead of PostgreSQL.
        patch.setattr(
            import_module("archive.exports.stream"), "step_for", lambda *_: lambda row: row
        )
        stream([channel], format=FORMATS["csv"], sink=redacted)
    assert read(redacted.data, "csv") == straight
    for column in ("text", "author", "sender_id", "links", "hashtags"):
        found = [row[column] for row in straight]
        assert found == [*(f"'{cell}" for cell in cells), *plain]
        # As the documentation says it.
        back = [re.sub(r"^'(?='*[-=+@\t\n\r＝＋－＠])", "", cell) for cell in found]
        assert back == [*cells, *plain]


def test_negative_ids_stay_numbers_in_csv(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, sender_id="-1001234567890", text="-5")])
    (row,) = read(exported(channel, "csv"), "csv")
    assert int(row["sender_id"]) == -1001234567890
    assert int(row["peer_id"]) == channel.peer_id
    assert row["text"] == "'-5"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_deleted_messages_are_in_it_unless_told_otherwise(channel: Channel, kind: str) -> None:
    archive_messages(channel, [make_record(n) for n in (1, 2, 3)])
    archive_messages(channel, [], gone=[2])
    rows = read(exported(channel, kind), kind)
    assert [int(row["message_id"]) for row in rows] == [1, 2, 3]
    assert [bool(row["deleted_at"]) for row in rows] == [False, True, False]
    datetime.fromisoformat(rows[1]["deleted_at"]).astimezone(UTC)
    rest = read(exported(channel, kind, with_deleted=False), kind)
    assert [int(row["message_id"]) for row in rest] == [1, 3]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_come_in_the_order_of_ids_and_of_this_channel_alone(
    channel: Channel, kind: str
) -> None:
    archive_messages(channel, [make_record(n) for n in (5, 30, 7, 200, 1)])
    archive_messages(make_channel(), [make_record(n) for n in (2, 7, 9)])
    ids = [int(row["message_id"]) for row in read(exported(channel, kind), kind)]
    assert ids == [1, 5, 7, 30, 200]


def test_earlier_versions_are_in_json_and_counted_in_csv(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, text="first"), make_record(2)])
    for hour in (1, 2):
        edited = make_record(1, text=f"edit {hour}", edit_date=WHEN + timedelta(hours=hour))
        archive_messages(channel, [edited])
    first, second = read(exported(channel, "jsonl"), "jsonl")
    assert [revision["text"] for revision in first["revisions"]] == ["first", "edit 1"]
    assert first["revisions"][1]["edit_date"] == "2026-05-01T13:00:00+00:00"
    assert second["revisions"] == []
    assert [row["revisions"] for row in read(exported(channel, "csv"), "csv")] == ["2", "0"]


@pytest.mark.parametrize(("kind", "lines"), [("csv", 1), ("jsonl", 0)])
def test_a_channel_without_messages_is_an_empty_file(
    channel: Channel, kind: str, lines: int
) -> None:
    assert exported(channel, kind).count(b"\n") == lines


def test_many_rows_come_in_several_blocks(channel: Channel) -> None:
    archive_messages(channel, [make_record(n, text="x" * 1000) for n in range(1, 1001)])
    for name, format in TEXT_FORMATS.items():  # noqa: A001
        sink = Memory()
        told: list[tuple[int, int, int | None]] = []
        stream(
            [channel],
            format=format,
            sink=sink,
            progress=lambda *figures, told=told: told.append(figures),
        )
        assert len(sink.blocks) > 2
        assert told[-1] == (1000, len(sink.data), 1000)
        assert [row["message_id"] for row in read(sink.data, name)][-1] in (1000, "1000")


def test_each_format_that_can_be_asked_for_can_be_made() -> None:
    assert set(FORMATS) == set(Export.Format.values)
    assert all(FORMATS[name].name == name for name in FORMATS)
