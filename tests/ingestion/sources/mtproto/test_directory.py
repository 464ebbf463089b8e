"""Finding, describing and joining channels."""

from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from ingestion.errors import AccessError, DataError, InputError
from ingestion.records import ChannelKind
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.directory import Directory
from sandbox.testing import SandboxProcess
from tests.ingestion.sources.mtproto.conftest import Telegram, address_of


async def test_a_name_is_resolved_with_two_requests(telegram: Telegram) -> None:
    card = telegram.card("broadcast")
    async with telegram.connect() as session:
        since = telegram.sandbox.last_request()
        found = await session.resolve(card["username"].upper())
        assert telegram.methods(since) == ["contacts.resolveUsername", "channels.getFullChannel"]
        again = await session.describe(ChannelAddress(found.peer_id, found.access_hash))
    assert found == again
    assert (found.peer_id, found.username, found.title) == (
        card["id"],
        card["username"],
        card["title"],
    )
    assert (found.kind, found.members) == (ChannelKind.BROADCAST, card["participants"])
    assert not found.is_private


async def test_names_that_lead_nowhere(telegram: Telegram) -> None:
    async with telegram.connect() as session:
        with pytest.raises(AccessError) as caught:
            await session.resolve("there_is_no_such_name")
        assert caught.value.code == "USERNAME_NOT_OCCUPIED"


class OneAnswer:
    """A connection that has one answer to everything."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def send(self, _request: Any) -> Any:
        return self._answer


@pytest.mark.parametrize(
    ("user", "what"),
    [
        (types.User(5, first_name="Ann", last_name="Onymous"), "a person (Ann Onymous)"),
        (types.User(5, first_name="Helper", bot=True), "a bot (Helper)"),
        (types.UserEmpty(5), "a person"),
    ],
)
async def test_people_and_bots_are_no_channels(user: Any, what: str) -> None:
    found = types.contacts.ResolvedPeer(types.PeerUser(5), [], [user])
    directory = Directory(OneAnswer(found))  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        await directory.resolve("someone")
    assert caught.value.code == "NOT_A_CHANNEL"
    assert str(caught.value).startswith(f"@someone is {what}, not a channel or a group. ")


async def test_answers_about_something_else_are_refused() -> None:
    nothing = types.contacts.ResolvedPeer(types.PeerChannel(5), [], [])
    with pytest.raises(DataError):
        await Directory(OneAnswer(nothing)).resolve("someone")  # type: ignore[arg-type]
    group = types.contacts.ResolvedPeer(types.PeerChat(5), [], [])
    with pytest.raises(AccessError, match="basic group"):
        await Directory(OneAnswer(group)).resolve("someone")  # type: ignore[arg-type]


async def test_the_list_of_dialogs(telegram: Telegram) -> None:
    async with telegram.connect() as session:
        found = {one.peer_id: one for one in await session.dialogs()}
    assert set(found) == {card["id"] for card in telegram.cards}
    for card in telegram.cards:
        record = found[card["id"]]
        assert (record.kind, record.title) == (card["kind"], card["title"])
        assert record.username == (card["username"] or "")
        assert record.is_private == (card["username"] is None)


async def test_more_dialogs_than_one_answer_holds(tmp_path: Path) -> None:
    with SandboxProcess(tmp_path, channels=230, messages=2) as sandbox:
        crowded = Telegram(sandbox)
        async with crowded.connect() as session:
            found = [one.peer_id for one in await session.dialogs()]
        assert len(found) == len(set(found))
        assert set(found) == {card["id"] for card in crowded.cards}
        # Three pages, and one more: only an empty answer is the end.
        assert crowded.methods(0).count("messages.getDialogs") == 4


async def test_joining(telegram: Telegram) -> None:
    newcomer = telegram.sandbox.accounts[2]["phone"]
    async with telegram.connect(telegram.sandbox.session_string(newcomer)) as session:
        known = {one.peer_id for one in await session.dialogs()}
        card = next(one for one in telegram.cards if one["username"] and one["id"] not in known)
        found = await session.resolve(card["username"])
        assert found.left
        await session.join(ChannelAddress(found.peer_id, found.access_hash))
        assert card["id"] in {one.peer_id for one in await session.dialogs()}


async def test_what_a_channel_hides(telegram: Telegram) -> None:
    card = next(card for card in telegram.cards if card["available_min_id"])
    async with telegram.connect() as session:
        address = await address_of(session, card)
        assert (await session.describe(address)).available_min_id == card["available_min_id"]


async def test_joining_twice_is_no_error(telegram: Telegram) -> None:
    async with telegram.connect() as session:
        address = await address_of(session, telegram.card("broadcast"))
        await session.join(address)


async def test_a_wrong_key_opens_nothing(telegram: Telegram) -> None:
    async with telegram.connect() as session:
        with pytest.raises(AccessError) as caught:
            await session.describe(ChannelAddress(telegram.cards[0]["id"], 1))
    assert caught.value.code == "CHANNEL_INVALID"
