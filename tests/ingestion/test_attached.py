"""What hangs on a message is counted: kept as it was last seen, and never an edit."""

import pytest

from ingestion.models import Channel, MessageRaw, MessageRevision, MessageStats
from tests.factories import archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

QUIZ = {"kind": "quiz", "media_meta": {"type": "quiz", "id": "5"}}


@pytest.fixture
def channel(db: None) -> Channel:
    made = make_channel()
    archive_messages(made, [make_record(1, attached={"poll": {"total": 3}}, **QUIZ)])
    return made


def attached() -> object:
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
