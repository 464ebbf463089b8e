"""Exports of a selection: which messages, which columns, written how."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from archive import services
from archive.exports import COLUMNS, FORMATS, Options, stream
from archive.exports.work import run_export
from archive.filters import Filters
from archive.models import Export
from archive.search import find
from ingestion.errors import InputError
from ingestion.models import Channel
from tests.archive.test_filters import CHOSEN
from tests.archive.test_formats import Memory, read
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db(transaction=True)


def exported(channels: Sequence[Channel], kind: str, **options: Any) -> bytes:
    sink = Memory()
    stream(channels, format=FORMATS[kind], options=Options(**options), sink=sink)
    return sink.data


def rows_of(channels: Sequence[Channel], kind: str, **options: Any) -> list[dict[str, Any]]:
    return read(exported(channels, kind, **options), kind)


@pytest.fixture
def mixed(channel: Channel) -> Channel:
    records = [
        make_record(1, text="plain ferry"),
        make_record(2, text="a picture", kind="photo", media_meta={"type": "photo"}),
        make_record(3, text="a ferry film", kind="video", media_meta={"type": "video"}),
        make_record(4, text="see https://a.example", links=["https://a.example"]),
        make_record(5, text="changed", edit_date=WHEN + timedelta(hours=1)),
        make_record(7, text="a gone ferry"),
        make_record(8, text="signed", author="Ada Lovelace", sender_id="777"),
        make_record(9, text="", kind="service", media_meta={"action": "pin_message"}),
        make_record(10, text="渡轮"),
    ]
    archive_messages(channel, records)
    archive_messages(channel, [], gone=[7])
    return channel


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize(("values", "expected"), CHOSEN)
def test_an_export_has_what_the_list_shows(
    mixed: Channel, kind: str, values: dict[str, Any], expected: list[int]
) -> None:
    filters = Filters.parse(
        {name: [value] if isinstance(value, str) else value for name, value in values.items()}
    ).filters
    listed = [m.message_id for m in find(workspace=mixed.workspace, filters=filters).messages]
    ids = [int(row["message_id"]) for row in rows_of([mixed], kind, filters=filters)]
    assert ids == sorted(listed) == sorted(expected)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_several_channels_follow_each_other_in_one_file(mixed: Channel, kind: str) -> None:
    second, empty = make_channel(mixed.workspace), make_channel(mixed.workspace)
    archive_messages(second, [make_record(n) for n in (3, 1)])
    data = exported([empty, mixed, second], kind)
    keys = [(int(row["channel_id"]), int(row["message_id"])) for row in read(data, kind)]
    assert keys[-2:] == [(second.pk, 1), (second.pk, 3)]
    assert len(keys) == 11
    assert data.count(b"peer_id,") == (kind == "csv")
    assert data.count(b"\xef\xbb\xbf") == (kind == "csv")


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_columns_are_those_that_were_chosen_and_the_id(mixed: Channel, kind: str) -> None:
    first, *_ = rows_of([mixed], kind, columns=("text", "date", "views"))
    assert list(first) == ["message_id", "date", "text", "views"]
    for name in COLUMNS[kind]:
        (row, *_) = rows_of([mixed], kind, columns=(name,))
        assert set(row) == {"message_id", name}


def test_columns_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="no column raw"):
        Options(columns=("raw",)).check("csv")
    with pytest.raises(InputError, match="no column 1; DROP"):
        Options(columns=("1; DROP TABLE x",)).check("jsonl")
    for name in ("Mars/Olympus", "localtime", "right/UTC", "posix/Europe/Lisbon", "../UTC", ""):
        with pytest.raises(InputError, match="no time zone"):
            Options(time_zone=name).check("csv")
    with pytest.raises(InputError, match="asks for deleted"):
        Options(filters=Filters(are=("deleted",)), with_deleted=False).check("csv")


SECRET = (
    "Ada",
    "Grace",
    "Linus",
    "Alan",
    "777000777",
    "778000778",
    "779000779",
    "780000780",
    "781000781",
    "+1555",
    "782000782",
    "783000783",
    "784000784",
    "Barbara",
)


@pytest.fixture
def talkative(channel: Channel) -> Channel:
    """Return a channel in which people are named wherever that can be."""
    person = {"sender_id": "777000777", "author": "Ada"}
    people: dict[str, Any] = {
        "forward": {
            "from_id": "778000778",
            "from_name": "Grace",
            "post_author": "Linus",
            "saved_from_peer": "779000779",
            "date": "2026-01-01T00:00:00+00:00",
        },
        "reply_to": {"message_id": 1, "peer_id": "780000780", "from": {"from_name": "Alan"}},
        "entities": [
            {"type": "mention_name", "offset": 0, "length": 2, "user_id": "781000781"},
            {"type": "text_url", "offset": 3, "length": 2, "url": "tg://user?id=781000781"},
            {"type": "bold", "offset": 0, "length": 2},
        ],
        "links": ["tg://user?id=781000781", "https://a.example", "@b.example"],
        "raw": {"_": "Message", "from_id": {"user_id": 777000777}, "post_author": "Ada"},
    }
    contact = {
        "type": "contact",
        "user_id": "777000777",
        "first_name": "Ada",
        "phone_number": "+1555",
        "vcard": "Ada",
    }
    joined = {"action": "chat_add_user", "users": ["778000778"], "inviter_id": "777000777"}
    kept = {"from_id": "-1001", "channel_post": 5}
    archive_messages(
        channel,
        [
            make_record(1, text="hi there", **person, **people),
            make_record(2, kind="contact", media_meta=contact, **person),
            make_record(3, kind="service", media_meta=joined, text="", **person),
            make_record(
                4,
                forward=kept,
                reply_to={"message_id": 9, "peer_id": "-1002"},
                attached={
                    "via_bot": "782000782",
                    "buttons": [[{"text": "Ask Grace", "type": "user_profile"}]],
                    "todo": {"done": [{"id": 1, "by": "783000783"}]},
                    "preview": {"site": "Example", "author": "Barbara"},
                    "poll": {"total": 4, "added": [{"text": "Tea", "by": "784000784"}]},
                },
            ),
        ],
    )
    later = WHEN + timedelta(hours=1)
    archive_messages(channel, [make_record(1, text="changed", edit_date=later, **person, **people)])
    return channel


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_without_senders_nobody_is_named_anywhere(talkative: Channel, kind: str) -> None:
    whole = exported([talkative], kind).decode()
    assert all(name in whole for name in SECRET)
    data = exported([talkative], kind, without_senders=True).decode()
    assert [name for name in SECRET if name in data] == []
    rows = read(data.encode(), kind)
    assert not {"sender_id", "author", "raw"} & set(rows[0])
    assert [int(row["message_id"]) for row in rows] == [1, 2, 3, 4]
    hanging = rows[3]["attached"]
    kept = json.loads(hanging) if isinstance(hanging, str) else hanging
    assert kept == {"preview": {"site": "Example"}, "poll": {"total": 4}}


def test_without_senders_channels_stay(talkative: Channel) -> None:
    first, contact, joined, last = rows_of([talkative], "jsonl", without_senders=True)
    assert last["forward"] == {"from_id": "-1001", "channel_post": 5}
    assert last["reply_to"] == {"message_id": 9, "peer_id": "-1002"}
    assert first["reply_to"] == {"message_id": 1}
    assert first["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert first["links"] == ["https://a.example", "@b.example"]
    assert (contact["media"], joined["media"]) == ({"type": "contact"}, {"action": "chat_add_user"})
    (old,) = first["revisions"]
    assert (old["text"], old["entities"]) == ("hi there", first["entities"])


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2026-05-01T12:01:00+00:00"),
        ("Asia/Tokyo", "2026-05-01T21:01:00+09:00"),
        ("Asia/Kolkata", "2026-05-01T17:31:00+05:30"),
        ("America/St_Johns", "2026-05-01T09:31:00-02:30"),
    ],
)
def test_times_are_those_of_the_zone_and_say_their_offset(
    channel: Channel, kind: str, zone: str, shown: str
) -> None:
    archive_messages(channel, [make_record(1)])
    (row,) = rows_of([channel], kind, time_zone=zone)
    assert row["date"] == shown
    assert datetime.fromisoformat(row["date"]) == datetime(2026, 5, 1, 12, 1, tzinfo=UTC)
    assert not row["edit_date"]
    datetime.fromisoformat(row["first_seen_at"])


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_compressed_it_is_the_same_file(mixed: Channel, kind: str) -> None:
    assert gzip.decompress(exported([mixed], kind, gzip=True)) == exported([mixed], kind)


def of(channel: Channel, **options: Any) -> dict[str, Any]:
    values = {"channel": [str(channel.pk)], **options.pop("values", {})}
    filters = Filters.parse(values).filters
    return {"workspace": channel.workspace, "options": Options(filters=filters, **options)}


def test_a_selection_is_made_by_the_worker_as_it_was_asked_for(
    mixed: Channel, export_dir: object
) -> None:
    asked = of(mixed, values={"q": ["ferry"]}, gzip=True, columns=("message_id", "text"))
    export = services.request_export(format="csv", **asked)
    assert (export.rows_expected, export.channel) == (3, mixed)
    assert services.request_export(format="csv", **asked) == export
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.rows) == ("done", 3), export.error
    assert export.path.name == f"export-{export.pk}.csv.gz"
    assert export.download_name.startswith("news-selection-")
    assert export.download_name.endswith(".csv.gz")
    text = gzip.decompress(export.path.read_bytes()).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["message_id"] for row in found] == ["1", "3", "7"]


def test_days_are_those_of_the_person_wherever_the_worker_is(channel: Channel) -> None:
    late = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)
    archive_messages(channel, [make_record(1, date=late)])
    day = {"from": ["2026-05-02"], "to": ["2026-05-02"]}
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        export = services.request_export(format="csv", **of(channel, values=day))
    assert export.rows_expected == 1
    assert Options.of(export).filters.zone == "Asia/Tokyo"


def test_the_whole_workspace_is_every_channel_that_was_not_removed(
    mixed: Channel, export_dir: object
) -> None:
    archive_messages(make_channel(mixed.workspace), [make_record(1)])
    archive_messages(make_channel(), [make_record(1, text="somebody else's")])
    export = services.request_export(workspace=mixed.workspace, format="jsonl")
    assert (export.channel, export.rows_expected) == (None, 10)
    run_export(export.pk)
    export.refresh_from_db()
    rows = [json.loads(line) for line in export.path.read_bytes().splitlines()]
    assert len(rows) == 10
    assert "somebody else's" not in {row["text"] for row in rows}


def test_an_export_whose_channels_are_gone_says_so(mixed: Channel, export_dir: object) -> None:
    second = make_channel(mixed.workspace)
    filters = Filters(channels=(mixed.pk, second.pk))
    options = Options(filters=filters)
    export = services.request_export(workspace=mixed.workspace, format="csv", options=options)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ingestion_channeltotals")
    Export.objects.update(filters={"channel": ["999999", "999998"]})
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed"
    assert "no channel left" in export.error
