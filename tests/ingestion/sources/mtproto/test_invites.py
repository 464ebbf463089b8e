"""Invite links and photos, and what Telegram may answer that a sandbox does not."""

from typing import Any

import pytest
from telethon.tl import types

from ingestion.errors import (
    AccessError,
    AccountError,
    DataError,
    IngestionError,
    InputError,
    TransientError,
)
from ingestion.records import ChannelKind, PhotoRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.invites import Invites
from ingestion.sources.mtproto.photos import thumb_jpeg
from tests.ingestion.sources.mtproto.conftest import Telegram, address_of
from tests.ingestion.sources.mtproto.samples import DATE

LINK = "invite_to_5"
OUTSIDER = 2


class OneAnswer:
    """A connection that has one answer to everything; files are what `file` says."""

    def __init__(self, answer: Any, file: Any = b"") -> None:
        self._answer, self._file = answer, file

    async def send(self, _request: Any) -> Any:
        return self._answer

    async def small_file(self, _location: Any, _dc_id: int) -> bytes:
        if isinstance(self._file, Exception):
            raise self._file
        return bytes(self._file)


def invites(answer: Any, file: Any = b"") -> Invites:
    return Invites(OneAnswer(answer, file))  # type: ignore[arg-type]


def invite(**fields: Any) -> types.ChatInvite:
    given = {
        "title": "Night Watch",
        "photo": types.PhotoEmpty(0),
        "participants_count": 9,
        "color": 1,
        "channel": True,
        **fields,
    }
    return types.ChatInvite(**given)


def photo(*sizes: str) -> types.Photo:
    made = [types.PhotoStrippedSize("i", b"\x01\x10\x10")]
    made += [types.PhotoSize(size, 160, 160, 900) for size in sizes]
    return types.Photo(5, 6, b"ref", DATE, made, 2)


def chat(**fields: Any) -> types.Channel:
    given = {
        "id": 77,
        "title": "Night Watch",
        "photo": types.ChatPhotoEmpty(),
        "date": DATE,
        "access_hash": 3,
        "megagroup": True,
        **fields,
    }
    return types.Channel(**given)


async def test_a_link_is_looked_at_and_followed(telegram: Telegram) -> None:
    card = next(card for card in telegram.cards if card["invites"])
    session = telegram.sandbox.session_string(telegram.sandbox.accounts[OUTSIDER]["phone"])
    async with telegram.connect(session) as outsider:
        found = await outsider.check_invite(LINK)
        assert (found.title, found.members, found.kind) == (
            card["title"],
            card["participants"],
            ChannelKind.SUPERGROUP,
        )
        assert (found.member, found.needs_approval, found.channel) == (False, False, None)
        assert found.photo.startswith(b"\xff\xd8")
        joined = await outsider.join_invite(LINK)
        assert (joined.peer_id, joined.left, joined.is_private) == (card["id"], False, True)
        again = await outsider.check_invite(LINK)
        assert again.member
        assert again.channel == joined
        page = await outsider.page(
            ChannelAddress(joined.peer_id, joined.access_hash), low=1, high=None
        )
        assert page.records
        telegram.sandbox.control(
            "member",
            channel=card["id"],
            phone=telegram.sandbox.accounts[OUTSIDER]["phone"],
            joined=False,
        )


async def test_basic_groups_are_not_joined() -> None:
    with pytest.raises(InputError) as caught:
        await invites(invite(channel=None)).check_invite(LINK)
    assert caught.value.code == "BASIC_GROUP"


async def test_a_link_that_lets_one_look_in() -> None:
    # https://core.telegram.org/constructor/chatInvitePeek
    found = await invites(types.ChatInvitePeek(chat(left=True), DATE)).check_invite(LINK)
    assert found.channel
    assert found.channel.left
    assert not found.member


async def test_joining_may_cost_stars() -> None:
    price = types.StarsSubscriptionPricing(2_592_000, 50)
    assert (await invites(invite(subscription_pricing=price)).check_invite(LINK)).paid
    paid = invite(subscription_pricing=price, can_refulfill_subscription=True)
    assert not (await invites(paid).check_invite(LINK)).paid


async def test_a_link_has_the_smallest_photo_there_is_or_none() -> None:
    jpeg = b"\xff\xd8 and so on"
    found = await invites(invite(photo=photo("a", "c")), jpeg).check_invite(LINK)
    assert found.photo == jpeg
    for sizes, file in (
        ((), jpeg),
        (("a",), b"no jpeg"),
        (("a",), TransientError("TIMEOUT", "Too slow.")),
    ):
        assert not (await invites(invite(photo=photo(*sizes)), file).check_invite(LINK)).photo
    lost = AccountError("SESSION_REVOKED", "Ended.")
    with pytest.raises(AccountError):
        await invites(invite(photo=photo("a")), lost).check_invite(LINK)


async def test_a_bot_may_guard_the_door() -> None:
    guarded = types.messages.ChatInviteJoinResultWebView(1, 2, [])
    with pytest.raises(AccessError) as caught:
        await invites(guarded).join_invite(LINK)
    assert caught.value.code == "JOIN_GUARDED"


async def test_joining_must_say_what_was_joined() -> None:
    nothing = types.messages.ChatInviteJoinResultOk(types.UpdatesTooLong())
    with pytest.raises(DataError):
        await invites(nothing).join_invite(LINK)


@pytest.mark.parametrize(
    ("number", "dc"), [(1, 2), (4, 4)], ids=["at home", "in another data centre"]
)
async def test_the_photo_of_a_channel(telegram: Telegram, number: int, dc: int) -> None:
    card = next(card for card in telegram.cards if card["username"] == f"channel_{number}")
    async with telegram.connect() as session:
        address = await address_of(session, card)
        record = await session.describe(address)
        assert record.photo
        assert (record.photo.photo_id, record.photo.dc_id) == (card["photo"], dc)
        image = await session.photo(address, record.photo)
        assert image.startswith(b"\xff\xd8")
        assert thumb_jpeg(record.photo).startswith(b"\xff\xd8")
        assert len(thumb_jpeg(record.photo)) < len(image)
        with pytest.raises(IngestionError) as caught:
            await session.photo(address, PhotoRecord(1, record.photo.dc_id))
        assert caught.value.code == "LOCATION_INVALID"


def test_a_channel_may_have_no_thumbnail() -> None:
    assert thumb_jpeg(PhotoRecord(1, 2)) == b""
