"""Topics, pinned messages and administrators, as Telegram's pages describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

topics_of = functions.messages.GetForumTopicsRequest
participants = functions.channels.GetParticipantsRequest


def _card(sandbox: SandboxProcess, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        c for c in sandbox.status()["channels"] if c["kind"] == kind and c["username"]
    )
    return found


async def _peer(client: Any, card: dict[str, Any]) -> Any:
    found = await client(functions.contacts.ResolveUsernameRequest(card["username"]))
    chat = found.chats[0]
    return types.InputPeerChannel(chat.id, chat.access_hash)


async def test_topics_of_a_forum(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/forum#forum-topics>: "General" has the id 1; a topic's id is
    # that of the service message that made it.
    client = await connect(shared)
    card = _card(shared, "forum")
    peer = await _peer(client, card)
    found = await client(topics_of(peer, None, 0, 0, 100))
    assert found.count == len(found.topics) == len(card["topics"]) + 1
    assert {t.id: t.title for t in found.topics} == {
        1: "General",
        **{t["id"]: t["title"] for t in card["topics"]},
    }
    assert {m.id for m in found.messages} == {t.top_message for t in found.topics}
    first = found.topics[0]
    rest = await client(topics_of(peer, None, 0, first.id, 1))
    assert [t.id for t in rest.topics] == [found.topics[1].id]


async def test_what_is_no_forum_has_no_topics(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/messages.getForumTopics#possible-errors>
    client = await connect(shared)
    peer = await _peer(client, _card(shared, "supergroup"))
    with pytest.raises(errors.BadRequestError):
        await client(topics_of(peer, None, 0, 0, 100))
    assert shared.requests(method="messages.getForumTopics")[-1]["error"] == "CHANNEL_FORUM_MISSING"


async def test_pinned_messages(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/pin>: messages.search with inputMessagesFilterPinned
    client = await connect(sandbox)
    card = _card(sandbox, "broadcast")
    pinned = [sandbox.post(card["id"], f"Rule {n}", pinned=True)["id"] for n in range(3)]
    peer = await _peer(client, card)
    request = functions.messages.SearchRequest(
        peer, "", types.InputMessagesFilterPinned(), None, None, 0, 0, 2, 0, 0, 0
    )
    found = await client(request)
    assert [m.id for m in found.messages] == [pinned[2], pinned[1]]
    assert all(m.pinned for m in found.messages)
    request.offset_id = pinned[1]
    older = [m.id for m in (await client(request)).messages]
    assert older[0] == pinned[0]


async def test_administrators_are_seen_in_groups_and_not_in_channels(
    shared: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/method/channels.getParticipants#possible-errors>
    client = await connect(shared)
    admins = types.ChannelParticipantsAdmins()
    group = _card(shared, "supergroup")
    peer = await _peer(client, group)
    found = await client(participants(peer, admins, 0, 100, 0))
    assert [one.user_id for one in found.participants] == [a["user_id"] for a in group["admins"]]
    assert isinstance(found.participants[0], types.ChannelParticipantCreator)
    assert found.participants[0].rank == "founder"
    assert {user.id for user in found.users} == {one.user_id for one in found.participants}
    with pytest.raises(errors.ChatAdminRequiredError):
        await client(participants(await _peer(client, _card(shared, "broadcast")), admins, 0, 9, 0))


async def test_the_full_description_names_the_linked_group(
    shared: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/api/discussion>: linked_chat_id, and the chat beside it
    client = await connect(shared)
    card = next((c for c in shared.status()["channels"] if c["linked_id"]), None)
    if card is None:
        sandbox_cards = shared.status()["channels"]
        broadcast = next(c for c in sandbox_cards if c["kind"] == "broadcast" and c["username"])
        group = next(c for c in sandbox_cards if c["kind"] == "supergroup" and c["username"])
        bare = -group["id"] - 10**12
        shared.control("channel", channel=broadcast["id"], linked_id=bare)
        card = broadcast
    full = await client(functions.channels.GetFullChannelRequest(await _peer(client, card)))
    assert full.full_chat.linked_chat_id
    assert full.full_chat.linked_chat_id in {chat.id for chat in full.chats}
