"""Stored records are mapped again without revisions, and the next sync finds nothing to do."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from telethon.tl import types

from archive.stats import rollup
from ingestion.models import Channel, Message, MessageRaw, MessageRevision, MessageStats, Remapping
from ingestion.records import MessageRecord
from ingestion.remapping import Report, remap
from ingestion.sources.mtproto.mapping import map_message
from tests.factories import archive_messages, make_channel
from tests.ingestion.sources.mtproto import samples
from workspaces.services import default_workspace

pytestmark = pytest.mark.django_db

VOTES = types.PollResults(results=[types.PollAnswerVoters(b"0", voters=3)], total_voters=3)


def records() -> list[MessageRecord]:
    """What Telegram sends: a text, a poll with votes, a signed post with a photo, a dice."""
    text = types.TextWithEntities("Which?", [])
    poll = types.Poll(5, text, [types.PollAnswer(text, b"0")], hash=0)
    carried: list[dict[str, Any]] = [
        {"message": "words 🦊 #tag", "entities": [types.MessageEntityHashtag(9, 4)]},
        {"media": types.MessageMediaPoll(poll, VOTES)},
        {"message": "signed", "post_author": "Ann", "media": types.MessageMediaPhoto()},
        {"media": types.MessageMediaDice(3, "🎲"), "views": 4},
    ]
    return [
        map_message(samples.message(**{"id": number, "message": "", **fields}))
        for number, fields in enumerate(carried, start=1)
    ]


@pytest.fixture
def channel(db: None) -> Channel:
    made = make_channel(default_workspace())
    archive_messages(made, records())
    return made


def state(channel: Channel) -> tuple[list[Any], list[Any]]:
    """All that is archived of messages, and of what is counted of them."""
    messages = Message.objects.filter(channel=channel).order_by("message_id").defer("tsv")
    stats = MessageStats.objects.filter(channel=channel).order_by("message_id")
    return list(messages.values()), [
        {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()}
        for row in stats.values()
    ]


def forget(channel: Channel) -> None:
    """Leave what a mapper that knew less would have made of the records."""
    rows = Message.objects.filter(channel=channel, message_id__gte=2)
    rows.update(kind="unknown", media_meta=None, text="")
    MessageStats.objects.filter(channel=channel).update(
        attached=None, content_hash=b"", hash_version=1, counters_hash=b""
    )
    rollup.rebuild(channel.pk)


def whole(channel: Channel, **options: Any) -> Report:
    report = Report()
    for report in remap(channel=channel, **options):  # noqa: B007, the last one counts
        pass
    return report


def test_columns_become_what_the_mapper_makes_of_the_record(channel: Channel) -> None:
    before = state(channel)
    forget(channel)
    report = whole(channel)
    assert (report.read, report.changed, report.unchanged) == (4, 3, 1)
    assert state(channel) == before
    assert not MessageRevision.objects.exists()
    assert rollup.check(channel.pk) == []


def test_the_next_sync_writes_nothing(channel: Channel) -> None:
    forget(channel)
    whole(channel)
    outcome = archive_messages(channel, records())
    assert (outcome.unchanged, outcome.changed, outcome.counters) == (4, [], 0)


def test_a_second_time_changes_nothing(channel: Channel) -> None:
    before = state(channel)
    assert whole(channel).changed == 0
    assert state(channel) == before


def test_names_of_members_stay(channel: Channel) -> None:
    Message.objects.filter(channel=channel, message_id=1).update(author="Боря")
    whole(channel)
    authors = Message.objects.filter(channel=channel).order_by("message_id")
    assert list(authors.values_list("author", flat=True)) == ["Боря", "", "Ann", ""]


def test_newer_counters_and_results_stay(channel: Channel) -> None:
    """The stored record is as old as the last edit; counters went on."""
    newer = {"poll": {"total": 99}}
    row = MessageStats.objects.filter(channel=channel, message_id=2)
    row.update(attached=newer, views=7, content_hash=b"old", counters_hash=b"newer")
    whole(channel)
    found = row.get()
    assert (found.attached, found.views, bytes(found.counters_hash)) == (newer, 7, b"newer")
    assert bytes(found.content_hash) == records()[1].content_hash()


def test_it_goes_on_where_it_was_interrupted(channel: Channel) -> None:
    forget(channel)
    steps = remap(channel=channel, batch=1)
    next(steps)
    assert next(steps).read == 2
    steps.close()
    assert Remapping.objects.get().done_to == 2
    assert whole(channel, batch=1).read == 2
    assert not Remapping.objects.exists()
    assert not Message.objects.filter(channel=channel, kind="unknown").exists()


def test_anew_begins_with_the_first(channel: Channel) -> None:
    Remapping.objects.create(channel=channel, done_to=3)
    assert whole(channel, anew=True).read == 4


def test_a_dry_run_tells_and_writes_nothing(channel: Channel) -> None:
    forget(channel)
    before = state(channel)
    assert whole(channel, dry_run=True).changed == 3
    assert state(channel) == before
    assert not Remapping.objects.exists()


def test_words_of_another_source_are_left_alone(channel: Channel) -> None:
    MessageStats.objects.filter(channel=channel, message_id=1).update(source_rank=0)
    Message.objects.filter(channel=channel, message_id=1).update(text="from elsewhere")
    assert whole(channel).skipped == 1
    assert Message.objects.get(channel=channel, message_id=1).text == "from elsewhere"


def test_what_cannot_be_mapped_stays_and_is_told(
    channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    MessageRaw.objects.filter(channel=channel, message_id=4).update(raw={"_": "Message"})
    before = state(channel)
    with pytest.raises(CommandError, match="1 records could not be mapped"):
        call_command("remap", json=True)
    (told,) = json.loads(capsys.readouterr().out)["channels"]
    assert (told["id"], told["read"], told["changed"]) == (channel.peer_id, 4, 0)
    assert told["errors"][0]["message_id"] == 4
    assert state(channel) == before


def test_the_command_says_what_it_did(channel: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    forget(channel)
    call_command("remap", channel=f"@{channel.username}", dry_run=True)
    assert "4 read, 3 would change" in capsys.readouterr().out
    call_command("remap")
    assert "4 read, 3 changed" in capsys.readouterr().out
