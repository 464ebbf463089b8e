"""Senders as records of their own, and workspaces that keep no people."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from ingestion import hiding
from ingestion.errors import InputError
from ingestion.models import (
    Channel,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    PeoplePolicy,
    Quarantine,
    Sender,
    SenderChange,
)
from ingestion.people import new_key
from ingestion.records import MessageRecord, Page, PeerRecord, Unparsed
from ingestion.services import people
from ingestion.writer import Batch, Outcome, write
from tests.factories import make_channel, make_record
from tests.ingestion.test_writer import rows_written
from tgadmin.lib.told import tell
from workspaces.services import default_workspace

pytestmark = pytest.mark.django_db

ALICE = PeerRecord(8880000501, "user", "Alice Berg", ("alice",))
BOT = PeerRecord(900, "bot", "Helper", ("helper_bot",), ("verified",))
NEWS = PeerRecord(-1_000_000_000_777, "channel", "News")


@pytest.fixture
def channel() -> Channel:
    return make_channel(kind="supergroup")


def bring(channel: Channel, *records: MessageRecord, peers: Any = (), **more: Any) -> Outcome:
    batch = Batch(channel.pk, "mtproto")
    top = max((record.message_id for record in records), default=1)
    batch.add(Page(records, more.get("unparsed", ()), 1, top, proves_absence=True, peers=peers))
    return write(batch)


def hide(channel: Channel) -> PeoplePolicy:
    return PeoplePolicy.objects.create(workspace=channel.workspace, hidden=True, key=new_key())


def said(number: int, **more: Any) -> MessageRecord:
    """A member's message as Telegram tells it, naming people wherever it can."""
    return make_record(
        number,
        sender_id="8880000501",
        author="Alice Berg",
        entities=[{"type": "mention_name", "offset": 0, "length": 3, "user_id": "8880000502"}],
        forward={"from_id": "8880000503", "from_name": "Carla", "post_author": "Carla C."},
        reply_to={"message_id": 1, "peer_id": "8880000504"},
        media_meta={
            "type": "contact",
            "phone": "15550009",
            "first_name": "Dora",
            "user_id": "8880000505",
        },
        attached={"todo": {"done": [{"id": 1, "by": "8880000502"}]}},
        raw={
            "_": "Message",
            "id": number,
            "from_id": {"_": "PeerUser", "user_id": 8880000501},
            "fwd_from": {"from_id": {"_": "PeerUser", "user_id": 8880000503}, "from_name": "Carla"},
            "entities": [{"_": "MessageEntityMentionName", "user_id": 8880000502}],
            "action": {"users": [8880000501, 900], "_": "MessageActionChatAddUser"},
            "media": {
                "_": "MessageMediaContact",
                "phone_number": "15550009",
                "user_id": 8880000505,
            },
            "post_author": None,
        },
        **more,
    )


PERSONAL = (
    "8880000501",
    "8880000502",
    "8880000503",
    "8880000504",
    "8880000505",
    "Alice",
    "Carla",
    "Dora",
    "15550009",
)


def everything_stored() -> str:
    tables = (Message, MessageRaw, MessageStats, MessageRevision, Sender, SenderChange)
    return repr([list(table.objects.values()) for table in (*tables, Quarantine)])


def test_senders_come_with_the_messages_and_keep_what_they_were(channel: Channel) -> None:
    bring(channel, said(1), peers=[ALICE, BOT, NEWS])
    assert {s.peer_id: (s.kind, s.name) for s in Sender.objects.all()} == {
        8880000501: ("user", "Alice Berg"),
        900: ("bot", "Helper"),
        -1_000_000_000_777: ("channel", "News"),
    }
    renamed = replace(ALICE, name="Alice Stone", usernames=("alice", "stone"), flags=("scam",))
    bring(channel, said(2), peers=[renamed, BOT])
    changes = {
        c.field: (c.before, c.after) for c in SenderChange.objects.filter(peer_id=8880000501)
    }
    assert changes == {
        "name": ("Alice Berg", "Alice Stone"),
        "usernames": ("alice", "alice stone"),
        "flags": ("", "scam"),
    }
    assert Sender.objects.get(peer_id=8880000501).usernames == ["alice", "stone"]


def test_a_sender_told_in_short_changes_nothing_that_is_known(channel: Channel) -> None:
    """https://core.telegram.org/api/min: such constructors lack what another account may see."""
    bring(channel, said(1), peers=[ALICE])
    short = replace(ALICE, usernames=(), partial=True)
    bring(channel, said(2), peers=[short, replace(BOT, partial=True)])
    assert Sender.objects.get(peer_id=8880000501).usernames == ["alice"]
    assert Sender.objects.filter(peer_id=900).exists()
    assert not SenderChange.objects.exists()


def test_the_same_senders_again_write_no_row(channel: Channel) -> None:
    bring(channel, said(1), peers=[ALICE, BOT])
    before = rows_written()
    bring(channel, said(1), peers=[ALICE, BOT])
    assert rows_written() == before


def test_senders_belong_to_a_workspace(channel: Channel) -> None:
    other = make_channel()
    bring(channel, said(1), peers=[ALICE])
    bring(other, said(1), peers=[replace(ALICE, name="A")])
    assert Sender.objects.get(workspace=channel.workspace).name == "Alice Berg"
    assert not SenderChange.objects.exists()


def test_a_workspace_that_hides_people_stores_nothing_of_them(channel: Channel) -> None:
    hide(channel)
    bad = Unparsed(9, tell("A record is broken."), b"Alice Berg")
    bring(channel, said(1), said(2), peers=[ALICE, BOT, NEWS], unparsed=[bad])
    edited = said(1, text="Edited", edit_date=said(3).date)
    bring(channel, edited, peers=[ALICE])
    stored = everything_stored()
    assert not [text for text in PERSONAL if text in stored]
    assert {sender.kind for sender in Sender.objects.all()} == {"bot", "channel"}
    first, second = Message.objects.order_by("message_id")
    assert first.sender_id == second.sender_id, "one person stays one sender"
    assert first.sender_id.startswith("h")
    assert MessageRevision.objects.count() == 1


def test_channels_that_post_as_themselves_and_bots_stay(channel: Channel) -> None:
    hide(channel)
    bring(
        channel,
        make_record(1, sender_id="-1000000000777", author="News"),
        make_record(2, sender_id="900", author="Helper"),
        peers=[NEWS, BOT],
    )
    rows = Message.objects.order_by("message_id").values_list("sender_id", "author")
    assert list(rows) == [("-1000000000777", "News"), ("900", "Helper")]


def test_hashes_of_one_person_differ_between_workspaces(channel: Channel) -> None:
    other = make_channel()
    for one in (channel, other):
        hide(one)
        bring(one, said(1))
    here, there = Message.objects.values_list("sender_id", flat=True)
    assert here != there


@pytest.mark.django_db(transaction=True)
def test_the_switch_makes_no_edits(channel: Channel) -> None:
    """Rows that were stored with their people are written anew without, and back: that is no
    change of their content, so no earlier version with names is kept."""
    bring(channel, said(1), peers=[ALICE])
    policy = hide(channel)
    assert bring(channel, said(1), peers=[ALICE]).revisions == 0
    assert Message.objects.get().author == ""
    assert bring(channel, said(1), peers=[ALICE]).unchanged == 1
    policy.delete()
    assert bring(channel, said(1), peers=[ALICE]).revisions == 0
    assert Message.objects.get().author == "Alice Berg"
    assert not MessageRevision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_archived_is_stripped_in_stretches_that_may_be_interrupted(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "STRETCH", 2)
    bring(channel, *(said(number) for number in range(1, 6)), peers=[ALICE, BOT])
    bring(channel, said(2, text="Edited", edit_date=said(9).date), peers=[replace(ALICE, name="A")])
    workspace = channel.workspace
    assert people.look(workspace=workspace) == hiding.Found(messages=5, revisions=1, senders=1)
    people.set_hidden(workspace=workspace, hidden=True)
    people.apply_to_archived(workspace=workspace)
    hiding.apply_step(workspace.pk)  # and then the worker is killed
    assert PeoplePolicy.objects.get().done_message == 2
    assert not people.work(workspace_id=workspace.pk, seconds=60)
    stored = everything_stored()
    assert not [text for text in PERSONAL if text in stored]
    assert people.look(workspace=workspace) == hiding.Found()
    assert PeoplePolicy.objects.get().hidden_messages == 5
    # The next sync finds the same messages, and no edits.
    again = [said(n) for n in (1, 3, 4, 5)]
    assert bring(channel, *again, peers=[ALICE]).revisions == 0
    assert bring(channel, *again, peers=[ALICE]).unchanged == 4
    assert Message.objects.values("sender_id").distinct().count() == 1


def test_stripping_is_for_workspaces_that_hide_people(channel: Channel) -> None:
    with pytest.raises(InputError, match="keeps who its people are"):
        people.apply_to_archived(workspace=channel.workspace)
    assert not people.work(workspace_id=channel.workspace_id, seconds=60)


def test_the_command_says_what_it_would_do_and_does_it(capsys: Any) -> None:
    channel = make_channel(default_workspace(), kind="supergroup")
    bring(channel, said(1), peers=[ALICE])
    call_command("people", dry_run=True, json=True)
    assert orjson.loads(capsys.readouterr().out) == {
        "hidden": False, "changed": 0, "messages": 1, "revisions": 0, "senders": 1,
    }  # fmt: skip
    call_command("people", hide=True)
    call_command("people", apply=True)
    assert "1 messages were changed" in capsys.readouterr().out
    assert Message.objects.get().sender_id.startswith("h")
