"""Channels to records."""

from typing import Any

import pytest
from telethon.tl import types

from ingestion.errors import AccessError, DataError
from ingestion.records import ChannelKind, PhotoRecord
from ingestion.sources.mtproto.mapping import account, map_channel
from tests.ingestion.sources.mtproto.samples import CHANNEL, DATE, MARKED, stored


def channel(**fields: Any) -> dict[str, Any]:
    given = {
        "id": CHANNEL,
        "title": "News\0",
        "photo": types.ChatPhotoEmpty(),
        "date": DATE,
        "access_hash": 77,
        **fields,
    }
    return dict(types.Channel(**given).to_dict())


def test_a_public_channel() -> None:
    full = {"about": "All of it", "participants_count": 1200, "available_min_id": 40}
    record = map_channel(channel(broadcast=True, username="news", participants_count=3), full)
    assert record == map_channel(stored(channel(broadcast=True, username="news")), full)
    assert (record.peer_id, record.access_hash, record.username) == (MARKED, 77, "news")
    assert (record.kind, record.title, record.about) == (
        ChannelKind.BROADCAST,
        "News␀",
        "All of it",
    )
    assert (record.members, record.available_min_id) == (1200, 40)
    assert not record.is_private
    assert not record.left


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ({"broadcast": True}, ChannelKind.BROADCAST),
        ({"megagroup": True}, ChannelKind.SUPERGROUP),
        ({"megagroup": True, "gigagroup": True}, ChannelKind.GIGAGROUP),
        ({"megagroup": True, "forum": True}, ChannelKind.FORUM),
    ],
)
def test_kinds(flags: dict[str, bool], kind: ChannelKind) -> None:
    assert map_channel(channel(**flags)).kind is kind


def test_the_name_among_several() -> None:
    names = [types.Username("old"), types.Username("current", active=True)]
    record = map_channel(channel(usernames=names))
    assert (record.username, record.is_private) == ("current", False)


def test_members_without_a_full_description() -> None:
    assert map_channel(channel(participants_count=3)).members == 3
    assert map_channel(channel()).members is None


def test_a_private_channel_that_was_left() -> None:
    record = map_channel(channel(left=True))
    assert (record.left, record.is_private) == (True, True)
    forbidden = types.ChannelForbidden(CHANNEL, 77, "Gone", megagroup=True).to_dict()
    record = map_channel(forbidden)
    assert (record.left, record.kind) == (True, ChannelKind.SUPERGROUP)


def test_a_basic_group_that_became_a_supergroup() -> None:
    group = types.Chat(
        5,
        "Friends",
        types.ChatPhotoEmpty(),
        participants_count=3,
        date=DATE,
        version=1,
        migrated_to=types.InputChannel(9, 77),
    )
    record = map_channel(group.to_dict())
    assert (record.peer_id, record.kind, record.title) == (-5, ChannelKind.BASIC_GROUP, "Friends")
    assert (record.members, record.is_private, record.left) == (3, True, False)
    assert record.migrated_to == -1_000_000_000_009
    assert map_channel(types.ChatForbidden(5, "Friends").to_dict()).left


def test_what_is_no_channel_is_refused_in_words() -> None:
    with pytest.raises(DataError, match="User"):
        map_channel(types.UserEmpty(5).to_dict())
    with pytest.raises(AccessError, match="no key"):
        map_channel(channel(access_hash=None))


def test_an_account() -> None:
    user = types.User(
        42, first_name="Ann", last_name="Onymous", phone="4420", username="ann", access_hash=1
    )
    found = account(user.to_dict())
    assert (found.user_id, found.phone, found.name, found.username) == (
        42,
        "4420",
        "Ann Onymous",
        "ann",
    )


def test_the_photo_is_the_same_live_and_stored() -> None:
    photo = types.ChatPhoto(9, 4, stripped_thumb=b"\x01\x10\x10")
    record = map_channel(channel(photo=photo))
    assert record.photo == map_channel(stored(channel(photo=photo))).photo
    assert record.photo == PhotoRecord(9, 4, b"\x01\x10\x10")
    assert map_channel(channel()).photo is None


def test_a_channel_may_have_several_names() -> None:
    names = [
        types.Username("first_name", active=True),
        types.Username("sold", active=False),
        types.Username("second_name", active=True),
    ]
    record = map_channel(channel(usernames=names))
    assert record.username == "first_name"
    assert record.usernames == ("first_name", "second_name")
    assert map_channel(channel()).usernames == ()
