"""What a client reads is what the truth says, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import functions, types, utils

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.testing import SandboxProcess

NAMES = [f"channel_{number}" for number in (1, 2, 3, 4, 6, 7, 8)]
ENTITIES = {
    types.MessageEntityMention: "mention", types.MessageEntityHashtag: "hashtag",
    types.MessageEntityBotCommand: "bot_command", types.MessageEntityUrl: "url",
    types.MessageEntityEmail: "email", types.MessageEntityBold: "bold",
    types.MessageEntityItalic: "italic", types.MessageEntityCode: "code",
    types.MessageEntityPre: "pre", types.MessageEntityTextUrl: "text_url",
    types.MessageEntityMentionName: "mention_name", types.MessageEntityPhone: "phone",
    types.MessageEntityCashtag: "cashtag", types.MessageEntityUnderline: "underline",
    types.MessageEntityStrike: "strike", types.MessageEntitySpoiler: "spoiler",
    types.MessageEntityCustomEmoji: "custom_emoji", types.MessageEntityBlockquote: "blockquote",
}  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _entity(entity: Any) -> dict[str, Any]:
    made = {"type": ENTITIES[type(entity)], "offset": entity.offset, "length": entity.length}
    for name in ("url", "user_id", "language", "document_id"):
        if getattr(entity, name, None) is not None:
            made[name] = getattr(entity, name)
    if getattr(entity, "collapsed", None):
        made["collapsed"] = True
    return made


def _reaction(reaction: Any) -> str:
    if isinstance(reaction, types.ReactionPaid):
        return "paid"
    if isinstance(reaction, types.ReactionCustomEmoji):
        return f"custom:{reaction.document_id}"
    return str(reaction.emoticon)


def _media_kind(media: Any) -> str | None:
    if isinstance(media, types.MessageMediaDocument):
        return _document_kind(media)
    if isinstance(media, types.MessageMediaPoll):
        return "quiz" if media.poll.quiz else "poll"
    return None if media is None else type(media).__name__.removeprefix("MessageMedia").lower()


def _document_kind(media: Any) -> str:
    kinds = {type(attribute): attribute for attribute in media.document.attributes}
    video = kinds.get(types.DocumentAttributeVideo)
    audio = kinds.get(types.DocumentAttributeAudio)
    if types.DocumentAttributeSticker in kinds:
        return "sticker"
    if types.DocumentAttributeAnimated in kinds:
        return "animation"
    if video is not None:
        return "round" if video.round_message else "video"
    if audio is not None:
        return "voice" if audio.voice else "audio"
    return "document"


def _seen(message: Any) -> dict[str, Any]:
    forward, reply = getattr(message, "fwd_from", None), message.reply_to
    reactions = getattr(message, "reactions", None)
    return {
        "id": message.id,
        "date": _iso(message.date),
        "edit_date": _iso(getattr(message, "edit_date", None)),
        "text": message.message or "",
        "entities": [_entity(entity) for entity in getattr(message, "entities", None) or ()],
        "sender_id": utils.get_peer_id(message.from_id) if message.from_id else None,
        "author": getattr(message, "post_author", None),
        "reply_to": reply.reply_to_msg_id if reply else None,
        "forward": {
            "date": _iso(forward.date),
            "from_id": utils.get_peer_id(forward.from_id) if forward.from_id else None,
            "from_name": forward.from_name,
            "channel_post": forward.channel_post,
            "post_author": forward.post_author,
        }
        if forward
        else None,
        "views": getattr(message, "views", None),
        "forwards": getattr(message, "forwards", None),
        "replies": message.replies.replies if getattr(message, "replies", None) else None,
        "reactions": [[_reaction(r.reaction), r.count] for r in reactions.results]
        if reactions
        else [],
        "grouped_id": getattr(message, "grouped_id", None),
        "kind": "service"
        if isinstance(message, types.MessageService)
        else _media_kind(message.media) or "text",
    }


@pytest.mark.parametrize("name", NAMES)
async def test_every_message_arrives_as_it_is(
    shared: SandboxProcess, connect: Any, name: str
) -> None:
    client = await connect(shared)
    entity = await client.get_input_entity(name)
    seen = [_seen(m) async for m in client.iter_messages(entity, wait_time=0, reverse=True)]
    truth = [m for m in shared.truth("@" + name)["messages"] if not m["hidden"]]
    assert len(seen) == len(truth)
    for got, wanted in zip(seen, truth, strict=True):
        assert got == {field: wanted[field] for field in got}


async def test_file_references_differ_in_every_answer(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/file-references>: they change while the file stays the
    # same, so nobody may take a new one for a new content
    client = await connect(shared)
    peer = await client.get_input_entity("channel_7")
    request = functions.messages.GetHistoryRequest(peer, 0, None, 0, 100, 0, 0, 0)

    def photos(answer: Any) -> dict[int, Any]:
        found = [getattr(m, "media", None) for m in answer.messages]
        return {m.photo.id: m.photo for m in found if isinstance(m, types.MessageMediaPhoto)}

    first, second = photos(await client(request)), photos(await client(request))
    assert first
    assert first.keys() == second.keys()
    for number, photo in first.items():
        assert photo.file_reference != second[number].file_reference
        assert photo.access_hash == second[number].access_hash


async def test_the_answer_is_the_same_with_and_without_prepared_pages(
    tmp_path: Any, shared: SandboxProcess, connect: Any
) -> None:
    from telethon.crypto import rsa

    from sandbox.testing import SandboxProcess as Process

    with Process(tmp_path, channels=1, messages=300, prepared=True) as prepared:
        rsa.add_key(prepared.public_key.read_text(), old=False)
        client = await connect(prepared)
        entity = await client.get_input_entity("channel_1")
        seen = [_seen(m) async for m in client.iter_messages(entity, wait_time=0, reverse=True)]
        truth = prepared.truth("@channel_1")["messages"]
    assert [m["id"] for m in seen] == [m["id"] for m in truth]
    assert [m["text"] for m in seen] == [m["text"] for m in truth]
