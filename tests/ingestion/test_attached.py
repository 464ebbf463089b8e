"""What hangs on a message is counted: kept as it was last seen, and never an edit."""

from typing import Any

import pytest
from telethon.tl import types

from ingestion.models import Channel, MessageRaw, MessageRevision, MessageStats
from ingestion.sources.live import Counters
from ingestion.sources.mtproto.events import Reading
from ingestion.writer import Batch, Outcome, write
from tests.factories import archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

QUIZ: dict[str, Any] = {"kind": "quiz", "media_meta": {"type": "quiz", "id": "5"}}


@pytest.fixture
def channel(db: None) -> Channel:
    made = make_channel()
    archive_messages(made, [make_record(1, attached={"poll": {"total": 3}}, **QUIZ)])
    return made


def attached() -> Any:
    return MessageStats.objects.get().attached


def test_votes_replace_earlier_ones_without_a_revision(channel: Channel) -> None:
    votes = {"poll": {"total": 4, "closed": True}}
    outcome = archive_messages(channel, [make_record(1, attached=votes, **QUIZ)])
    assert (outcome.counters, outcome.changed, outcome.revisions) == (1, [], 0)
    assert attached() == votes
    assert not MessageRevision.objects.exists()


def test_the_same_votes_again_write_nothing(channel: Channel) -> None:
    outcome = archive_messages(channel, [make_record(1, attached={"poll": {"total": 3}}, **QUIZ)])
    assert (outcome.unchanged, outcome.counters, outcome.touched) == (1, 0, [])


def test_an_edit_keeps_the_revision_and_brings_the_votes(channel: Channel) -> None:
    votes = {"poll": {"total": 5}}
    outcome = archive_messages(channel, [make_record(1, text="Edited", attached=votes, **QUIZ)])
    assert (outcome.changed, outcome.revisions) == ([1], 1)
    assert attached() == votes


def test_buttons_that_were_taken_away_are_gone(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, **QUIZ)])
    assert attached() is None
    assert MessageRaw.objects.count() == 1


def told(channel: Channel, **poll: object) -> Outcome:
    """What the listener heard of the poll."""
    return write(Batch(channel.pk, "mtproto", counters={1: Counters(poll=poll)}))


def test_votes_that_were_heard_are_added_to_what_is_known(channel: Channel) -> None:
    outcome = told(channel, closed=True, answers=[{"option": "MA==", "voters": 3}])
    assert outcome.counters == 1
    assert attached() == {
        "poll": {"total": 3, "closed": True, "answers": [{"option": "MA==", "voters": 3}]}
    }
    assert told(channel, closed=True).counters == 0
    again = archive_messages(channel, [make_record(1, attached=attached(), **QUIZ)])
    assert (again.unchanged, again.counters) == (1, 0)


def test_results_in_an_update_are_read() -> None:
    results = types.PollResults(
        results=[types.PollAnswerVoters(b"0", voters=3)], total_voters=3, min=True
    )
    where = types.PeerChannel(5)
    update = types.UpdateMessagePoll(9, results, peer=where, msg_id=7)
    (event,) = Reading(None, {-1_000_000_000_005}).events(update)
    votes = {"total": 3, "answers": [{"option": "MA==", "voters": 3}]}
    assert event.counters == {7: Counters(poll=votes)}
    nowhere = types.UpdateMessagePoll(9, results)
    assert list(Reading(None, {-1_000_000_000_005}).events(nowhere)) == []
