"""What a channel says of itself, now and before."""

from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from ingestion import descriptions
from ingestion.models import Channel, ChannelChange, ChannelPhoto, FloodWait, MemberCount
from ingestion.records import ChannelKind, ChannelRecord, PhotoRecord
from tests.factories import make_channel
from tests.ingestion.world import World

FULL = "channels.getFullChannel"


def a_day_later(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(described_at=timezone.now() - timedelta(hours=21))


def change(channel: Channel) -> list[tuple[str, str, str]]:
    rows = ChannelChange.objects.filter(channel=channel).order_by("pk")
    return [(row.field, row.before, row.after) for row in rows]


def test_a_channel_that_is_added_has_its_photo_and_its_members(world: World) -> None:
    channel = world.add("channel_1")
    truth = world.sandbox.truth("channel_1")
    assert channel.photo_id == truth["photo"]
    assert bytes(channel.photos.get().image).startswith(b"\xff\xd8")
    count = MemberCount.objects.get(channel=channel)
    assert (count.members, count.day) == (
        truth["participants"],
        timezone.now().astimezone(UTC).date(),
    )
    assert change(channel) == []


def test_an_update_reads_it_again_once_a_day(world: World) -> None:
    channel = world.add("channel_1")
    before = world.sandbox.truth("channel_1")
    world.sandbox.control(
        "channel", channel="channel_1", title="Another", about="New words", participants=77
    )
    photo = world.sandbox.control("photo", channel="channel_1")["photo"]
    since = world.sandbox.last_request()
    world.sync(channel)
    assert not world.sandbox.requests(since, method=FULL), "it was described when it was added"
    a_day_later(channel)
    since = world.sandbox.last_request()
    try:
        world.sync(channel)
        world.sync(channel)
    finally:
        fields = {name: before[name] for name in ("title", "about", "participants", "photo")}
        world.sandbox.control("channel", channel="channel_1", **fields)
    assert len(world.sandbox.requests(since, method=FULL)) == 1
    assert len(world.sandbox.requests(since, method="upload.getFile")) == 1
    channel.refresh_from_db()
    assert (channel.title, channel.about, channel.members) == ("Another", "New words", 77)
    assert change(channel) == [
        ("title", before["title"], "Another"),
        ("about", before["about"], "New words"),
        ("photo", str(before["photo"]), str(photo)),
    ]
    assert MemberCount.objects.get(channel=channel).members == 77
    assert set(ChannelPhoto.objects.values_list("photo_id", flat=True)) == {before["photo"], photo}


def test_history_does_not_wait_for_a_description(world: World) -> None:
    channel = world.add("channel_1")
    a_day_later(channel)
    world.sandbox.fault("flood_wait", FULL, seconds=600)
    runs = world.sync(channel)
    assert {run.state for run in runs.values()} == {"done"}
    assert FloodWait.objects.get(account=world.account).method == FULL
    since = world.sandbox.last_request()
    world.sync(channel)
    assert not world.sandbox.requests(since, method=FULL), "the wait is not over"
    assert channel.messages.exists()


def test_history_does_not_need_a_description_that_can_be_read(world: World) -> None:
    channel = world.add("channel_1")
    a_day_later(channel)
    world.sandbox.fault("garbled", FULL)
    runs = world.sync(channel)
    assert {run.state for run in runs.values()} == {"done"}
    assert channel.messages.exists()


def record(**fields: object) -> ChannelRecord:
    given = {
        "peer_id": -1_000_000_000_009,
        "access_hash": 1,
        "kind": ChannelKind.BROADCAST,
        "title": "One",
        "username": "one_name",
        "members": 5,
        "photo": PhotoRecord(4, 2),
        **fields,
    }
    return ChannelRecord(**given)  # type: ignore[arg-type]


@pytest.fixture
def described(channel: Channel) -> Channel:
    descriptions.describe(channel, record())
    return channel


def test_the_first_description_is_no_change(described: Channel) -> None:
    assert change(described) == []


def test_each_change_is_kept_with_what_was_before(described: Channel) -> None:
    descriptions.describe(described, record(title="Two", username="", photo=None))
    descriptions.describe(described, record(title="Two", username="", photo=None))
    assert change(described) == [
        ("title", "One", "Two"),
        ("username", "one_name", ""),
        ("photo", "4", ""),
    ]


def test_a_day_has_the_number_of_its_last_look(described: Channel) -> None:
    descriptions.describe(described, record(members=6))
    descriptions.describe(described, record(members=None))
    assert [row.members for row in MemberCount.objects.filter(channel=described)] == [6]


def test_a_channel_that_was_removed_meanwhile_stays_so(described: Channel) -> None:
    Channel.objects.filter(pk=described.pk).update(removed_at=timezone.now())
    descriptions.describe(described, record(title="Two"))
    described.refresh_from_db()
    assert described.removed_at


def test_a_channel_that_was_never_described_is_due(db: None) -> None:
    channel = make_channel()
    assert descriptions.is_due(channel)
    channel.described_at = timezone.now() - timedelta(hours=19)
    assert not descriptions.is_due(channel)
    channel.described_at -= timedelta(hours=2)
    assert descriptions.is_due(channel)
