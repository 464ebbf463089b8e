"""The channel of every kind, read by an unmodified client: where Telegram's documentation says how
a kind looks to a reader, it looks so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from telethon import types
from telethon.crypto import rsa

from sandbox.testing import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

WORLD = {
    "channels": [
        {"id": 1_500_000_101, "username": "every_kind", "title": "Kinds", "kind": "supergroup",
         "generate": {"kinds": True, "messages": 0, "people": 8}},
    ]
}  # fmt: skip


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "world.json").write_text(json.dumps(WORLD))
    with SandboxProcess(folder / "data", world=folder / "world.json") as sandbox:
        rsa.add_key(sandbox.public_key.read_text(), old=False)
        yield sandbox


async def test_each_kind_looks_as_telegram_says(kinds: SandboxProcess, connect: Any) -> None:
    client = await connect(kinds)
    entity = await client.get_input_entity("every_kind")
    messages = [m async for m in client.iter_messages(entity, wait_time=0, reverse=True)]
    assert [m.id for m in messages] == [m["id"] for m in kinds.truth("@every_kind")["messages"]]

    def of(constructor: Any) -> list[Any]:
        media = [getattr(message, "media", None) for message in messages]
        return [one for one in media if isinstance(one, constructor)]

    # https://core.telegram.org/constructor/pollResults: without a vote of one's own, how many
    # voted is told, and for what is not
    unvoted = [m.results for m in of(types.MessageMediaPoll) if m.results.min]
    assert [(results.total_voters, results.results) for results in unvoted] == [(70, None)]
    # https://core.telegram.org/constructor/poll: the right answer of a quiz is in its results
    (quiz,) = (m for m in of(types.MessageMediaPoll) if m.poll.quiz)
    assert [bool(one.correct) for one in quiz.results.results] == [False, True]
    assert quiz.results.solution
    # https://core.telegram.org/constructor/messageMediaPhoto: "self-destruct" leaves no photo
    gone = [m for m in of(types.MessageMediaPhoto) if m.ttl_seconds]
    assert [m.photo for m in gone] == [None]
    # https://core.telegram.org/api/paid-media: outlines for who has not paid
    outline, bought = of(types.MessageMediaPaidMedia)
    assert all(type(i) is types.MessageExtendedMediaPreview for i in outline.extended_media)
    assert all(type(i) is types.MessageExtendedMedia for i in bought.extended_media)
    # https://core.telegram.org/type/WebPage: pending until the server has looked, or nothing there
    pages = {type(m.webpage) for m in of(types.MessageMediaWebPage)}
    assert pages == {types.WebPage, types.WebPagePending, types.WebPageEmpty}
    # https://core.telegram.org/api/stories: what is over is deleted or a number alone
    stories = [type(m.story) for m in of(types.MessageMediaStory)]
    assert stories == [types.StoryItem, type(None), types.StoryItemDeleted]
    # https://core.telegram.org/api/files#albums-grouped-media: one id for all, posted at once
    album = [m for m in messages if getattr(m, "grouped_id", None)]
    assert len({m.grouped_id for m in album}) == len({m.date for m in album}) == 1
    assert len(album) == 4
    # https://core.telegram.org/constructor/messageFwdHeader: who hides has a name and no id
    hidden = [m.fwd_from for m in messages if getattr(m, "fwd_from", None) and m.fwd_from.from_name]
    assert all(one.from_id is None for one in hidden)
    # https://core.telegram.org/constructor/dice: 64 is what a slot machine can show at most
    assert {m.emoticon: m.value for m in of(types.MessageMediaDice)}["🎰"] == 64
    # whoever is named is described beside the messages
    # (https://core.telegram.org/constructor/messages.channelMessages)
    assert all(m.sender is not None for m in messages if m.from_id)
