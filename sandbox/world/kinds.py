"""One message of each kind that Telegram knows: a channel to hold a reader against.

https://core.telegram.org/type/MessageMedia, /type/MessageEntity, /type/MessageAction and the
headers of forwards and replies. In a real history some of it never meets; here it does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.world.attach import file_id
from sandbox.world.compose import TextBuilder
from sandbox.world.kinds_actions import actions
from sandbox.world.kinds_media import ALBUM, media
from sandbox.world.model import Action, Entity, Forward, Media, Message, Reply, marked_channel

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds between two messages.
_STEP = 1_800


def messages(channel_id: int, people: tuple[int, ...], start: int) -> list[Message]:
    """Ids from 1 on, without holes; `people` are at least three, the last of them a bot."""
    made: list[Message] = []
    drafts = _drafts(channel_id, people, start)
    for number, draft in enumerate(drafts, start=1):
        sender = people[number % (len(people) - 1)]
        message = replace(draft, id=number, date=start + number * _STEP)
        if message.grouped_id is not None and made and made[-1].grouped_id == message.grouped_id:
            message = replace(message, date=made[-1].date)
        if message.sender_id is None:
            message = replace(message, sender_id=sender)
        if message.media is not None and not message.media.id:
            found = file_id(channel_id, number)
            message = replace(message, media=replace(message.media, id=found))
        made.append(message)
    return made


def _drafts(channel_id: int, people: tuple[int, ...], start: int) -> Iterator[Message]:
    channel = marked_channel(channel_id)
    yield _draft(action=Action("channel_create", title="Every Kind of Message"))
    text, entities = _every_entity(people[0], start)
    yield _draft(text=text, entities=entities, views=1_204, forwards=17)
    yield _draft(text=_ARABIC, entities=(Entity("bold", 0, 5), Entity("spoiler", 6, 7)))
    for item in media(people, channel, start):
        yield _draft(media=item, text=item.text if item.kind == "webpage" else "")
    for number, item in enumerate(ALBUM):
        yield _draft(media=item, text="" if number else "Four from the quay", grouped_id=1 << 46)
    for forward in _forwards(people, channel, start):
        yield _draft(text="As it was told there.", forward=forward)
    for reply in _replies(people, start):
        yield _draft(text="In answer to that.", reply=reply)
    for extras in _extras(people[0]):
        yield _draft(text="Sent in a way of its own.", extras=extras)
    yield _draft(text="Asked of a bot.", via_bot_id=people[-1])
    yield _draft(text="In the group's own name.", sender_id=channel, author="Harbour master")
    yield _draft(text="Reacted to.", reactions=_REACTIONS, replies=4)
    yield _draft(text="Edited since.", edit_date=start + 9_000_000)
    yield _draft(text="Pressed since.", edit_date=start + 9_000_000, edit_hide=True)
    for action in actions(people, channel, start):
        yield _draft(action=action, reply=_told_of(action))


def _draft(**fields: Any) -> Message:
    return Message(0, 0, **fields)


_ARABIC = "السفن تصل في السابعة مساءً، رصيف 4"
_REACTIONS = (("👍", 12), ("custom:5368324170671202286", 5), ("paid", 3))


def _told_of(action: Action) -> Reply | None:
    """What is pinned, played, ticked or paid for is named by a reply."""
    about = {"pin_message", "game_score", "todo_completions", "todo_append_tasks", "payment_sent"}
    return Reply(2) if action.kind in about else None


def _every_entity(person: int, date: int) -> tuple[str, tuple[Entity, ...]]:
    """Every entity once (https://core.telegram.org/api/entities), some within others."""
    out = TextBuilder()
    for kind in ("bold", "italic", "underline", "strike", "code", "spoiler"):
        out.add(f"🧭 {kind}", kind).add(" ")
    out.add("\n").add("https://example.org/путь", "url").add(" ")
    out.add("the chart", "text_url", url="https://example.org/chart?x=1&y=2").add(" ")
    out.add("@harbor_daily", "mention").add(" ").add("Ann", "mention_name", user_id=person)
    out.add("\n").add("#tides", "hashtag").add(" ").add("$TGA", "cashtag").add(" ")
    out.add("/start", "bot_command").add(" ").add("desk@example.org", "email").add(" ")
    out.add("+44 20 7946 0018", "phone").add(" ").add("4242 4242 4242 4242", "bank_card")
    out.add("\n").add("🦩", "custom_emoji", document_id=5_368_324_170_671_202_286).add(" ")
    date_at = out.offset
    out.add("tomorrow at nine").add(" ").add("??", "unknown").add("\n")
    out.add("async def main():\n    pass", "pre", language="python").add("\n")
    quote = out.offset
    out.add("Said before.", "blockquote").add("\n")
    out.add("A long one,\nfolded.", "blockquote", collapsed=True)
    out.entities += [
        Entity("bold", quote, 4),
        Entity("date", date_at, 16, date=date + 86_400),
    ]
    return out.done()


def _forwards(people: tuple[int, ...], channel: int, start: int) -> Iterator[Forward]:
    """See https://core.telegram.org/constructor/messageFwdHeader."""
    yield Forward(start, from_id=marked_channel(1_500_000_001), channel_post=77)
    yield Forward(start, from_id=marked_channel(1_500_000_001), channel_post=78, post_author="Ann")
    yield Forward(start, from_id=people[0])
    yield Forward(start, from_name="Somebody hidden ☂")
    yield Forward(start, from_name="Imported Person", imported=True)
    yield Forward(start, from_id=marked_channel(1_500_000_001), channel_post=79, psa_type="covid")
    yield Forward(
        start,
        from_id=people[0],
        saved_from_peer=channel,
        saved_from_msg_id=5,
        saved_from_id=people[1],
        saved_from_name="Saved Person",
        saved_date=start + 60,
    )


def _replies(people: tuple[int, ...], start: int) -> Iterator[Reply]:
    """See https://core.telegram.org/api/replies."""
    yield Reply(2)
    yield Reply(2, quote="bold", quote_offset=3, quote_entities=(Entity("italic", 0, 4),))
    elsewhere = marked_channel(1_500_000_001)
    yield Reply(
        77,
        peer_id=elsewhere,
        quote="From another place",
        origin=Forward(start, from_id=elsewhere, channel_post=77),
        media=Media("photo", 6_001, width=640, height=480),
    )
    yield Reply(0, origin=Forward(start, from_name="Somebody hidden ☂"), quote="Not to be opened")
    yield Reply(0, peer_id=people[0], story_id=12)
    yield Reply(2, todo_item_id=2)
    yield Reply(2, poll_option=1)


def _extras(person: int) -> Iterator[dict[str, Any]]:
    """See https://core.telegram.org/constructor/message."""
    yield {
        "buttons": [
            [
                {"text": "Read on", "type": "url", "url": "https://example.org/more"},
                {"text": "👍 12", "type": "callback"},
            ],
            [
                {"text": "Copy the code", "type": "copy", "copy": "HARBOR-7"},
                {"text": "Share", "type": "switch_inline", "query": "tides"},
                {"text": "Ann", "type": "user_profile", "user_id": person},
                {"text": "Open", "type": "web_view", "url": "https://example.org/app"},
            ],
        ]
    }
    yield {"effect": 5_104_841_245_755_180_586}
    yield {"ttl_period": 604_800}
    yield {"paid_message_stars": 15}
    yield {"from_boosts_applied": 2}
    yield {"restricted": [{"platform": "ios", "reason": "terms", "text": "Not on this phone."}]}
    yield {"fact_check": {"text": "The pier is still open.", "country": "GB"}}
