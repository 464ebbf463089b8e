"""Who may see what (https://core.telegram.org/api/peers)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

FIRST, SECOND, OUTSIDER = "15550001001", "15550001002", "15550001003"


def _private(sandbox: SandboxProcess) -> dict[str, Any]:
    return next(c for c in sandbox.status()["channels"] if c["username"] is None)


async def _peer(client: Any, title: str) -> types.InputPeerChannel:
    dialogs = await client.get_dialogs()
    return next(d.input_entity for d in dialogs if d.name == title)


def _history(peer: Any) -> functions.messages.GetHistoryRequest:
    return functions.messages.GetHistoryRequest(peer, 0, None, 0, 1, 0, 0, 0)


async def test_names_are_found_in_any_case(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/contacts.resolveUsername>
    client = await connect(shared)
    found = await client(functions.contacts.ResolveUsernameRequest("Channel_1"))
    assert found.chats[0].username == "channel_1"
    person = await client(functions.contacts.ResolveUsernameRequest("rustberlin_0"))
    assert person.users[0].username == "rustberlin_0"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nobody_has_this", errors.UsernameNotOccupiedError),
        ("1x", errors.UsernameInvalidError),
        ("with space", errors.UsernameInvalidError),
    ],
)
async def test_names_that_are_not_found(
    shared: SandboxProcess, connect: Any, name: str, error: type[Exception]
) -> None:
    client = await connect(shared)
    with pytest.raises(error):
        await client(functions.contacts.ResolveUsernameRequest(name))


async def test_access_hashes_belong_to_an_account(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/peers#access-hash>: each account has hashes of its own
    first, second = await connect(shared, FIRST), await connect(shared, SECOND)
    mine = await first.get_input_entity("channel_1")
    theirs = await second.get_input_entity("channel_1")
    assert mine.channel_id == theirs.channel_id
    assert mine.access_hash != theirs.access_hash
    with pytest.raises(errors.ChannelInvalidError):
        await first(_history(theirs))
    with pytest.raises(errors.ChannelInvalidError):
        await first(functions.channels.GetFullChannelRequest(theirs))
    with pytest.raises(errors.ChannelInvalidError):
        await first(_history(types.InputPeerChannel(4, 4)))


async def test_private_channels_are_for_members(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/messages.getHistory#possible-errors> says CHANNEL_PRIVATE
    client = await connect(sandbox)
    private = _private(sandbox)
    peer = await _peer(client, private["title"])
    assert (await client(_history(peer))).messages
    sandbox.control("member", channel=private["id"], phone=FIRST, joined=False)
    for request in (
        _history(peer),
        functions.channels.GetFullChannelRequest(peer),
        functions.channels.GetMessagesRequest(peer, [types.InputMessageID(1)]),
    ):
        with pytest.raises(errors.ChannelPrivateError):
            await client(request)
    known = await client(functions.channels.GetChannelsRequest([peer]))
    assert isinstance(known.chats[0], types.ChannelForbidden)


async def test_an_outsider_has_no_dialog_of_it(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared, OUTSIDER)
    names = [dialog.name for dialog in await client.get_dialogs()]
    assert names
    assert _private(shared)["title"] not in names


async def test_public_channels_are_read_without_joining(
    shared: SandboxProcess, connect: Any
) -> None:
    client = await connect(shared, OUTSIDER)
    entity = await client.get_entity("channel_2")
    assert entity.left
    assert await client.get_messages(entity, limit=5)


async def test_joining_and_leaving(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/channels.joinChannel>, <https://core.telegram.org/method/channels.leaveChannel>
    client = await connect(sandbox, OUTSIDER)
    peer = await client.get_input_entity("channel_2")
    await client(functions.channels.JoinChannelRequest(peer))
    assert not (await client.get_entity("channel_2")).left
    assert peer.channel_id in [d.entity.id for d in await client.get_dialogs()]
    with pytest.raises(errors.UserAlreadyParticipantError):
        await client(functions.channels.JoinChannelRequest(peer))
    await client(functions.channels.LeaveChannelRequest(peer))
    with pytest.raises(errors.UserNotParticipantError):
        await client(functions.channels.LeaveChannelRequest(peer))


async def test_the_card_of_a_channel(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/channels.getFullChannel>
    client = await connect(shared)
    truth = shared.truth("@channel_4")
    answer = await client(
        functions.channels.GetFullChannelRequest(await client.get_input_entity("channel_4"))
    )
    full, chat = answer.full_chat, answer.chats[0]
    assert full.available_min_id == truth["available_min_id"]
    assert full.hidden_prehistory
    assert full.participants_count == truth["participants"]
    assert (chat.title, chat.username) == (truth["title"], "channel_4")
    kinds = {}
    for number in range(1, 5):
        entity = await client.get_entity(f"channel_{number}")
        kinds[number] = (entity.broadcast, entity.megagroup, entity.forum)
    assert kinds == {
        1: (True, False, False),
        2: (False, True, False),
        3: (False, True, True),
        4: (False, True, False),
    }


async def test_a_channel_and_its_discussion_group(shared: SandboxProcess, connect: Any) -> None:
    # https://core.telegram.org/api/discussion
    client = await connect(shared)
    channel = await client.get_input_entity("channel_1")
    group = await client.get_input_entity("channel_2")
    full = (await client(functions.channels.GetFullChannelRequest(channel))).full_chat
    assert full.linked_chat_id == group.channel_id


async def test_the_dialogs_page_by_page(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/messages.getDialogs>
    client = await connect(shared)
    request = functions.messages.GetDialogsRequest
    whole = await client(request(None, 0, types.InputPeerEmpty(), 100, 0))
    assert isinstance(whole, types.messages.Dialogs)
    everyone = [d.peer.channel_id for d in whole.dialogs]
    assert len(everyone) == 8
    dates = [m.date for m in whole.messages]
    assert dates == sorted(dates, reverse=True)
    seen: list[int] = []
    peer: Any = types.InputPeerEmpty()
    date, offset = None, 0
    while len(seen) < 8:
        page = await client(request(date, offset, peer, 3, 0))
        assert isinstance(page, types.messages.DialogsSlice)
        assert page.count == 8
        seen += [d.peer.channel_id for d in page.dialogs]
        last = page.messages[-1]
        date, offset = last.date, last.id
        chat = next(c for c in page.chats if c.id == seen[-1])
        peer = types.InputPeerChannel(chat.id, chat.access_hash)
    assert seen == everyone


async def test_users(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/users.getUsers>, <https://core.telegram.org/method/users.getFullUser>
    client = await connect(shared)
    me = await client.get_me()
    assert me.phone == FIRST
    full = await client(functions.users.GetFullUserRequest("me"))
    assert full.full_user.id == me.id
    with pytest.raises(errors.PeerIdInvalidError):
        await client(functions.users.GetUsersRequest([types.InputUser(5_200_001_000, 3)]))
