"""A person who is forgotten is nowhere in the workspace any more, and does not come back."""

import gzip
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from pytest_django import Settings

from archive.models import Export
from archive.privacy import forgetting
from ingestion import coverage
from ingestion.errors import InputError
from ingestion.models import (
    Channel,
    ForgottenPerson,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Sender,
    SenderChange,
)
from ingestion.records import MessageRecord, Page, PeerRecord
from ingestion.writer import Batch, Outcome, write
from tests.factories import make_channel, make_record, make_user
from workspaces.models import AuditEvent

pytestmark = pytest.mark.django_db

ALICE = PeerRecord(8880000501, "user", "Alice Berg", ("alice_b",))
BOB = PeerRecord(8880000502, "user", "Bob", ("bob_the_first",))
#: All by which she could be found.
TRACES = ("8880000501", "Alice Berg", "alice_b", "Alice Stone")


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


def stored() -> str:
    tables = (Message, MessageRaw, MessageStats, MessageRevision, Sender, SenderChange)
    return repr([list(table.objects.values()) for table in tables])


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
