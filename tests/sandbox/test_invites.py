"""Invite links (https://core.telegram.org/api/invites), and what channels show of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

MEMBER, OUTSIDER = "15550001001", "15550001003"
LINK = "invite_to_5"

check = functions.messages.CheckChatInviteRequest
follow = functions.messages.ImportChatInviteRequest


def _private(sandbox: SandboxProcess) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in sandbox.status()["channels"] if c["invites"])
    return found


async def test_what_a_link_tells_a_stranger(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/constructor/chatInvite>
    client = await connect(shared, OUTSIDER)
    card = _private(shared)
    found = await client(check(LINK))
    assert isinstance(found, types.ChatInvite)
    assert (found.title, found.participants_count) == (card["title"], card["participants"])
    assert (found.channel, found.megagroup, found.broadcast) == (True, True, False)
    assert (found.public, found.request_needed) == (False, False)
    small = next(size for size in found.photo.sizes if size.type == "a")
    assert (small.w, small.h) == (160, 160)
    where = types.InputPhotoFileLocation(
        found.photo.id, found.photo.access_hash, found.photo.file_reference, "a"
    )
    image = (await client(functions.upload.GetFileRequest(where, 0, 65_536))).bytes
    assert len(image) == small.size
    assert image.startswith(b"\xff\xd8")


async def test_what_a_link_tells_a_member(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/constructor/chatInviteAlready>
    client = await connect(shared, MEMBER)
    found = await client(check(LINK))
    assert isinstance(found, types.ChatInviteAlready)
    assert found.chat.title == _private(shared)["title"]
    with pytest.raises(errors.UserAlreadyParticipantError):
        await client(follow(LINK))


async def test_following_a_link(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/messages.importChatInvite>
    client = await connect(sandbox, OUTSIDER)
    answer = await client(follow(LINK))
    assert isinstance(answer, types.messages.ChatInviteJoinResultOk)
    (chat,) = answer.updates.chats
    assert (chat.title, chat.left) == (_private(sandbox)["title"], False)
    assert isinstance(await client(check(LINK)), types.ChatInviteAlready)
    peer = types.InputPeerChannel(chat.id, chat.access_hash)
    history = functions.messages.GetHistoryRequest(peer, 0, None, 0, 1, 0, 0, 0)
    assert (await client(history)).messages


async def test_a_link_by_way_of_an_administrator(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/invites#join-requests>
    client = await connect(sandbox, OUTSIDER)
    card = _private(sandbox)
    sandbox.control("invite", channel=card["id"], hash=LINK, approval=True)
    assert (await client(check(LINK))).request_needed
    with pytest.raises(errors.InviteRequestSentError):
        await client(follow(LINK))
    sandbox.control("member", channel=card["id"], phone=OUTSIDER)
    assert isinstance(await client(check(LINK)), types.ChatInviteAlready)


@pytest.mark.parametrize("ended", [{"revoked": True}, {"expires": 1}])
async def test_links_that_are_over(
    sandbox: SandboxProcess, connect: Any, ended: dict[str, Any]
) -> None:
    client = await connect(sandbox, OUTSIDER)
    sandbox.control("invite", channel=_private(sandbox)["id"], hash=LINK, **ended)
    for request in (check(LINK), follow(LINK)):
        with pytest.raises(errors.InviteHashExpiredError):
            await client(request)


@pytest.mark.parametrize(
    ("secret", "error"),
    [
        ("", errors.InviteHashEmptyError),
        ("no such", errors.InviteHashInvalidError),
        ("no_such_link", errors.InviteHashExpiredError),
    ],
)
async def test_what_is_no_link(
    shared: SandboxProcess, connect: Any, secret: str, error: type[Exception]
) -> None:
    # <https://core.telegram.org/method/messages.checkChatInvite#possible-errors>
    client = await connect(shared, OUTSIDER)
    with pytest.raises(error):
        await client(check(secret))


async def test_a_card_that_is_changed_survives_a_restart(
    sandbox: SandboxProcess, connect: Any
) -> None:
    sandbox.control("channel", channel="channel_1", title="Renamed", about="New", participants=7)
    first = sandbox.control("photo", channel="channel_1")["photo"]
    sandbox.control("invite", channel="channel_1", hash="made_here", approval=True)
    sandbox.restart(kill=True)
    card = sandbox.truth("channel_1")
    assert (card["title"], card["about"], card["participants"]) == ("Renamed", "New", 7)
    assert card["invites"] == [{"hash": "made_here", "approval": True}]
    client = await connect(sandbox)
    entity = await client.get_entity("channel_1")
    assert entity.photo.photo_id == card["photo"] == first
    old = await client.download_profile_photo(entity, bytes, download_big=False)
    assert sandbox.control("photo", channel="channel_1")["photo"] != first
    entity = await client.get_entity("channel_1")
    assert await client.download_profile_photo(entity, bytes, download_big=False) != old
    sandbox.control("photo", channel="channel_1", remove=True)
    assert isinstance((await client.get_entity("channel_1")).photo, types.ChatPhotoEmpty)
