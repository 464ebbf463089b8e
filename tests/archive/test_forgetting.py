"""A person who is forgotten is nowhere in the workspace any more, and does not come back."""

import gzip
import uuid
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from archive import retention
from archive.models import Export, ExportSchedule, Feed, PiiAudit, SavedSearch
from archive.privacy import forgetting
from ingestion import coverage
from ingestion import forgetting as steps
from ingestion.errors import InputError
from ingestion.forgetting import Subject
from ingestion.models import (
    Channel,
    ForgottenPerson,
    Import,
    Message,
    MessageRaw,
    MessageRevision,
    Sender,
)
from ingestion.records import MessageRecord, Page, PeerRecord
from ingestion.writer import Batch, Outcome, write
from tests.archive.named import ALICE, BOB, TRACES, stored
from tests.archive.test_whole_files import written
from tests.factories import archive_messages, make_channel, make_record, make_user
from workspaces.models import AuditEvent

pytestmark = pytest.mark.django_db


def told(number: int, text: str, **more: Any) -> MessageRecord:
    """By Bob, about Alice in every way."""
    raw = {
        "_": "Message",
        "id": number,
        "message": text,
        "from_id": {"_": "PeerUser", "user_id": int(more.get("sender_id", BOB.peer_id))},
        "fwd_from": {
            "from_id": {"_": "PeerUser", "user_id": 8880000501},
            "from_name": "Alice Berg",
        },
        "media": {"_": "Contact", "user_id": 8880000501, "first_name": "Alice", "phone": "1555"},
    }
    fields: dict[str, Any] = {"sender_id": str(BOB.peer_id), "author": "Bob", **more}
    return make_record(
        number,
        text=text,
        entities=[{"type": "mention_name", "offset": 0, "length": 2, "user_id": "8880000501"}],
        forward={"from_id": "8880000501", "from_name": "Alice Berg"},
        links=("https://t.me/alice_b", "tg://user?id=8880000501"),
        raw=raw,
        **fields,
    )


def hers(number: int, text: str = "my own words") -> MessageRecord:
    return told(number, text, sender_id=str(ALICE.peer_id), author="Alice Berg")


def bring(channel: Channel, *records: MessageRecord, peers: Any = (ALICE, BOB)) -> Outcome:
    with connection.cursor() as cursor:  # a commit empties them, and a test is one transaction
        cursor.execute("DROP TABLE IF EXISTS stage_message, stage_stats")
    batch = Batch(channel.pk, "mtproto")
    batch.add(Page(records, (), 1, records[-1].message_id, proves_absence=True, peers=peers))
    return write(batch)


@pytest.fixture
def records() -> list[MessageRecord]:
    return [told(1, "ask @alice_b, not @alicia"), hers(2), told(3, "nothing"), hers(4)]


@pytest.fixture
def channel(records: list[MessageRecord]) -> Channel:
    channel = make_channel(kind="supergroup")
    bring(channel, *records)
    renamed = replace(ALICE, name="Alice Stone")
    bring(channel, replace(records[0], text="edited @alice_b"), peers=(renamed, BOB))
    channel.refresh_from_db()
    return channel


def forget(channel: Channel, mode: str) -> ForgottenPerson:
    sender = Sender.objects.get(workspace=channel.workspace, peer_id=ALICE.peer_id)
    person = forgetting.request(sender=sender, mode=mode, typed=str(sender), user=make_user())
    while forgetting.work(person_id=person.pk, seconds=0):
        pass
    person.refresh_from_db()
    return person


@pytest.mark.parametrize("mode", ["pseudonym", "remove"])
def test_nothing_names_them_and_no_sync_brings_them_back(
    channel: Channel, records: list[MessageRecord], mode: str
) -> None:
    other = make_channel(kind="supergroup")
    elsewhere = other.workspace_id != channel.workspace_id
    for trace in TRACES:
        assert trace in stored()
    person = forget(channel, mode)
    for trace in TRACES:
        assert trace not in stored()
    assert "nothing" in stored()
    assert "bob_the_first" in stored()
    assert "@alicia" in stored()
    before = stored()
    bring(channel, replace(records[0], text="edited @alice_b"), *records[1:])
    assert stored().count("MessageRevision") == before.count("MessageRevision")
    assert bring(channel, replace(records[0], text="edited @alice_b"), *records[1:]).changed == []
    bring(channel, hers(9, "something new"), told(10, "and @alice_b again"))
    for trace in TRACES:
        assert trace not in stored()
    channel.refresh_from_db()
    report = coverage.report(channel)
    assert report.messages + report.absent + report.let_go == len(report.covered)
    assert report.let_go == (3 if mode == "remove" else 0)
    assert ("something new" in stored()) == (mode == "pseudonym")
    assert person.state == "done"
    assert elsewhere or person.workspace_id == other.workspace_id


def test_a_name_in_two_fields_without_an_id_is_theirs_and_with_the_id_of_another_is_not() -> None:
    channel = make_channel(kind="supergroup")
    contact = {"_": "MessageMediaContact", "first_name": "Alice", "last_name": "Berg"}
    media = {"type": "contact", "first_name": "Alice", "last_name": "Berg"}
    at_telegram, another = (
        {"user_id": 0, "phone_number": "1555"},
        {"user_id": 77, "phone_number": "1666"},
    )
    bring(
        channel,
        make_record(1, raw={"_": "Message", "media": contact | at_telegram}, media_meta=media),
        make_record(2, raw={"_": "Message", "media": contact | another}),
        make_record(
            3,
            raw={"_": "Message", "media": contact | {"last_name": "Alice Berg", "first_name": ""}},
        ),
    )
    forget(channel, "pseudonym")
    raws = dict(MessageRaw.objects.values_list("message_id", "raw__media"))
    empty = {"first_name": "", "last_name": "", "phone_number": "", "user_id": 0}
    assert raws[1] == {"_": "MessageMediaContact", **empty}
    assert raws[2] == contact | another
    assert raws[3]["last_name"] == ""
    kept = Message.objects.get(message_id=1).media_meta or {}
    assert (kept["first_name"], kept["last_name"]) == ("", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_file_that_says_a_name_in_two_fields_is_among_those_that_name_them(
    kind: str, tmp_path: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EXPORT_DIR = tmp_path
    monkeypatch.setattr(forgetting, "_BLOCK", 50)  # names lie across the ends of blocks, too
    workspace = make_channel().workspace
    exports = []
    for first, last in (("Alice Ü.", 'von "Berg"'), ("Alice", "Stone"), ("Bob", 'von "Berg"')):
        channel = make_channel(workspace)
        contact = {"type": "contact", "first_name": first, "last_name": last, "phone_number": "1"}
        archive_messages(channel, [make_record(1, media_meta=contact, raw={})])
        made = Export.objects.create(
            workspace=workspace, format=kind, state="done", file_name=f"{channel.pk}.{kind}"
        )
        made.path.write_bytes(written(channel, kind))
        exports.append(made.pk)
    alice = Subject(ALICE.peer_id, ('Alice Ü. von "Berg"',), ())
    assert forgetting.files_naming(workspace, alice)["exports"] == exports[:1]


def test_their_messages_still_belong_together(channel: Channel) -> None:
    person = forget(channel, "pseudonym")
    rows = Message.objects.filter(sender_id=person.id_hash)
    assert sorted(rows.values_list("message_id", flat=True)) == [2, 4]
    assert Message.objects.get(message_id=2).text == "my own words"
    assert MessageRevision.objects.count() == 1


def test_the_receipt_says_what_was_done_and_not_to_whom(
    channel: Channel, tmp_path: Any, settings: Settings
) -> None:
    settings.EXPORT_DIR = tmp_path
    exports = []
    for name, words in (("a.csv", b"x,8880000501,y"), ("b.csv", b"x,1,y"), ("c.jsonl.gz", b"")):
        packed = gzip.compress(b'{"author": "Alice Stone"}') if name.endswith("gz") else words
        (tmp_path / name).write_bytes(packed)
        exports.append(
            Export.objects.create(
                workspace=channel.workspace, format=name.split(".")[1], state="done", file_name=name
            )
        )
    for cell in ('{"author": "Alice Stone"}', "Bob"):
        made = Export.objects.create(
            workspace=channel.workspace,
            format="parquet",
            state="done",
            file_name=f"{cell[:3]}.parquet",
        )
        pq.write_table(pa.table({"n": [1], "raw": [cell], "tags": [["x"]]}), made.path)
        exports.append(made)
    person = forget(channel, "remove")
    assert person.subject is None
    assert person.counts["exports"] == [exports[place].pk for place in (0, 2, 3)]
    assert person.counts["removed"] == 2
    assert (person.counts["senders"], person.counts["messages"]) == (1, 2)
    assert person.requested_by is not None
    row = repr(ForgottenPerson.objects.values().get()) + repr(list(AuditEvent.objects.values()))
    for trace in TRACES:
        assert trace not in row
    assert AuditEvent.objects.filter(action="person.forgotten", target=person.id_hash).exists()


def test_somebody_else_of_the_same_name_stays(channel: Channel) -> None:
    namesake = make_record(5, sender_id="777", author="Alice Berg", text="another")
    bring(channel, namesake, peers=(PeerRecord(777, "user", "Alice Berg"),))
    forget(channel, "remove")
    assert Message.objects.get(message_id=5).author == "Alice Berg"
    assert Sender.objects.filter(peer_id=777).exists()


def test_it_has_to_be_typed(channel: Channel) -> None:
    sender = Sender.objects.get(peer_id=ALICE.peer_id)
    with pytest.raises(InputError, match="not the name"):
        forgetting.request(sender=sender, mode="remove", typed="Alice")
    assert not ForgottenPerson.objects.exists()
    assert Message.objects.count() == 4


def test_a_name_with_quotes_is_found_where_only_the_name_stands(channel: Channel) -> None:
    """In JSON, quotes and backslashes are escaped; no id stands beside it."""
    quoted = replace(ALICE, name='Alice "The\\Axe" Berg')
    hidden = {"from_id": None, "from_name": quoted.name}
    record = make_record(
        7, sender_id=str(BOB.peer_id), forward={"from_name": quoted.name}, raw={"fwd_from": hidden}
    )
    bring(channel, record, peers=(quoted, BOB))
    forget(channel, "pseudonym")
    assert "Axe" not in stored()


def test_what_was_asked_for_and_written_down_says_it_no_more(
    channel: Channel, tmp_path: Any, settings: Settings
) -> None:
    settings.IMPORT_DIR = tmp_path
    (tmp_path / "upload-1").write_bytes(b"of a chat with her")
    here: dict[str, Any] = {"workspace": channel.workspace}
    hers_alone = {"sender": ["8880000501"]}
    asked: list[Any] = [
        SavedSearch.objects.create(**here, name="s", filters=hers_alone),
        Feed.objects.create(**here, name="f", filters={"sender": ["@alice_b"]}, secret_hash="x"),
        Export.objects.create(**here, format="csv", filters={"sender": ["Alice Stone"]}),
        ExportSchedule.objects.create(**here, name="lake", number=3, filters=hers_alone),
    ]
    AuditEvent.objects.create(**here, action="x", target="y", details={"filters": hers_alone})
    Import.objects.create(**here, file_name="chat.json", path="upload-1", uploaded=True)
    examples = {"name": [[channel.pk, 2, "Al••••• ••rg said"]]}
    ended = PiiAudit.objects.create(**here, channels=[], state="done", examples=examples)
    running = PiiAudit.objects.create(**here, channels=[1], done_channels=1, examples=examples)
    person = forget(channel, "pseudonym")
    for row in asked:
        row.refresh_from_db()
        assert row.filters == {"sender": [person.id_hash]}
    assert "8880000501" not in repr(list(AuditEvent.objects.values_list("details")))
    for audit in (ended, running):
        audit.refresh_from_db()
        assert audit.examples == {}
    assert running.done_channels == 0
    assert (person.counts["lakes"], person.counts["uploads"]) == (["lake"], ["chat.json"])


def test_an_export_that_reads_what_was_before_is_waited_for(
    channel: Channel, tmp_path: Any, settings: Settings
) -> None:
    settings.EXPORT_DIR = tmp_path
    export = Export.objects.create(
        workspace=channel.workspace,
        format="csv",
        state="running",
        started_at=timezone.now(),
        worker_token=uuid.uuid4(),
    )
    person = forget(channel, "pseudonym")
    assert person.state == "running"
    assert person.pk in forgetting.due()
    (tmp_path / "late.csv").write_bytes(b"x,8880000501,y")
    Export.objects.filter(pk=export.pk).update(
        state="done", worker_token=None, file_name="late.csv"
    )
    Export.objects.create(  # it reads what is there now
        workspace=channel.workspace,
        format="csv",
        state="running",
        started_at=timezone.now(),
        worker_token=uuid.uuid4(),
    )
    assert not forgetting.work(person_id=person.pk, seconds=0)
    person.refresh_from_db()
    assert (person.state, person.counts["exports"]) == ("done", [export.pk])


def test_a_file_that_cannot_be_read_is_told_and_stops_nothing(
    channel: Channel, tmp_path: Any, settings: Settings
) -> None:
    settings.EXPORT_DIR = tmp_path
    damaged = [
        Export.objects.create(
            workspace=channel.workspace, format=kind, state="done", file_name=f"damaged.{name}"
        )
        for kind, name in (("csv", "csv.gz"), ("parquet", "parquet"))
    ]
    for export in damaged:
        export.path.write_bytes(b"PAR1 or something that was cut off")
    person = forget(channel, "pseudonym")
    assert person.state == "done"
    assert person.counts["exports_unknown"] == [export.pk for export in damaged]


def test_a_hold_keeps_messages_from_being_forgotten_away(channel: Channel) -> None:
    retention.place_hold(channel=channel, reason="Case 12/26")
    with pytest.raises(InputError, match="Case 12/26"):
        forget(channel, "remove")
    retention.lift_hold(channel=channel)
    sender = Sender.objects.get(workspace=channel.workspace, peer_id=ALICE.peer_id)
    person = forgetting.request(sender=sender, mode="remove", typed=str(sender))
    retention.place_hold(channel=channel, reason="Case 13/26")
    assert person.pk not in forgetting.due()
    assert not forgetting.work(person_id=person.pk, seconds=0)
    assert Message.objects.count() == 4
    retention.lift_hold(channel=channel)
    while forgetting.work(person_id=person.pk, seconds=0):
        pass
    assert Message.objects.count() == 2
    assert ForgottenPerson.objects.get().state == "done"


def test_no_more_messages_are_counted_beforehand_than_can_be_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = make_channel()
    bring(channel, *[hers(number) for number in range(1, 6)])
    alice = Sender.objects.get(peer_id=ALICE.peer_id)
    found = steps.look(alice)
    assert (found.messages, found.channels, found.is_all) == (5, 1, True)
    monkeypatch.setattr(steps, "LOOKED_AT", 4)
    found = steps.look(alice)
    assert (found.messages, found.is_all) == (4, False)
