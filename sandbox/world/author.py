"""Who writes a channel's messages: turns random numbers into believable ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.world import attach, compose
from sandbox.world.model import (
    Action,
    Entity,
    Forward,
    Media,
    Message,
    Reply,
    Topic,
    marked_channel,
)

if TYPE_CHECKING:
    from random import Random

    from sandbox.world.voices import Voice

_REACTIONS = ("👍", "❤", "🔥", "🎉", "😢", "🤔", "👏", "custom:5368324170671202286", "paid")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a channel is like: how it writes, how big it is, what its posts carry."""

    channel_id: int
    voice: Voice
    title: str
    group: bool
    people: tuple[int, ...]
    audience: int
    sources: tuple[int, ...] = ()
    topics: tuple[Topic, ...] = ()
    signatures: tuple[str, ...] = ()
    comments: bool = False
    gigagroup: bool = False
    media: float = 0.3
    albums: float = 0.02
    polls: float = 0.01


class Author:
    """Writes messages of one channel; every choice comes from the given Random."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def first(self, date: int) -> Message:
        """Every channel begins with the message that says so."""
        return Message(1, date, action=Action("channel_create", title=self.profile.title))

    def message(self, rng: Random, message_id: int, date: int, now: int) -> Message:
        """One message that is no part of an album."""
        profile, random = self.profile, rng.random
        if random() < (0.015 if profile.group else 0.003):
            return self._service(rng, message_id, date)
        media = self._media(rng, message_id)
        text, entities = self._text(rng, media)
        return self._finish(rng, message_id, date, now, text, entities, media, None)

    def album(self, rng: Random, first_id: int, size: int, date: int, now: int) -> list[Message]:
        """Messages with one `grouped_id`; the words are under the first.

        https://core.telegram.org/api/files#albums-grouped-media
        """
        grouped = rng.getrandbits(46) + (1 << 46)
        text, entities = compose.caption(rng, self.profile.voice)
        out = []
        sender = rng.random()
        for number in range(size):
            file_id = attach.file_id(self.profile.channel_id, first_id + number)
            make = attach.video if rng.random() < 0.15 else attach.photo
            media = make(rng, file_id)
            out.append(
                self._finish(
                    rng,
                    first_id + number,
                    date,
                    now,
                    text if not number else "",
                    entities if not number else (),
                    media,
                    grouped,
                    sender,
                )
            )
        return out

    def words(self, rng: Random) -> tuple[str, tuple[Entity, ...]]:
        """A text with entities, as this channel writes."""
        write = compose.remark if self.profile.group else compose.article
        return write(rng, self.profile.voice, self.profile.people)

    def _text(self, rng: Random, media: Media | None) -> tuple[str, tuple[Entity, ...]]:
        profile = self.profile
        if media is None or media.kind == "webpage":
            return self.words(rng)
        if media.kind in {"photo", "video", "document", "animation"} and rng.random() < 0.7:
            return compose.caption(rng, profile.voice)
        return "", ()

    def _media(self, rng: Random, message_id: int) -> Media | None:
        profile, roll = self.profile, rng.random()
        file_id = attach.file_id(profile.channel_id, message_id)
        if roll < profile.polls:
            return attach.poll(rng, file_id, profile.voice)
        if roll > profile.media + profile.polls:
            return None
        roll = rng.random()
        for share, make in ((0.55, attach.photo), (0.65, attach.video)):
            if roll < share:
                return make(rng, file_id)
        for share, write in ((0.75, attach.document), (0.85, attach.webpage)):
            if roll < share:
                return write(rng, file_id, profile.voice)
        return attach.other(rng, file_id, profile.voice)

    def _service(self, rng: Random, message_id: int, date: int) -> Message:
        profile = self.profile
        person = profile.people[int(rng.random() * len(profile.people))] if profile.people else None
        roll = rng.random()
        reply = None
        if roll < 0.2:
            action = Action("pin_message")
            reply = Reply(max(1, message_id - 1 - int(rng.random() * 20)))
        elif not profile.group or roll < 0.26:
            action = (
                Action("chat_edit_photo")
                if roll > 0.7
                else Action("chat_edit_title", title=profile.title)
            )
        elif roll < 0.6:
            action = Action("chat_joined_by_link", value=person or 0)
        elif roll < 0.9:
            action = Action("chat_add_user", users=(person,) if person else ())
        else:
            action = Action("chat_delete_user", value=person or 0)
        sender = person if profile.group else None
        return Message(message_id, date, sender_id=sender, reply=reply, action=action)

    def _reply(self, rng: Random, message_id: int) -> Reply | None:
        profile = self.profile
        topic = None
        if profile.topics:
            known = [topic for topic in profile.topics if topic.id < message_id]
            number = int(rng.random() * (len(known) + 1))
            topic = known[number] if number < len(known) else None
        if rng.random() < (0.35 if profile.group else 0.05) and message_id > 3:
            target = max(2, message_id - 1 - int(rng.random() ** 2 * 40))
            quote = profile.voice.write(rng, "answers") if rng.random() < 0.08 else None
            return Reply(target, topic.id if topic else None, None, quote, topic is not None)
        if topic is not None:
            return Reply(topic.id, forum_topic=True)
        return None

    def _forward(self, rng: Random, date: int) -> Forward | None:
        profile, roll = self.profile, rng.random()
        if roll > 0.06:
            return None
        before = date - 60 - int(rng.random() * 86_400 * 3)
        if roll < 0.035 and profile.sources:
            source = profile.sources[int(rng.random() * len(profile.sources))]
            return Forward(before, source, None, 1 + int(rng.random() * 900))
        if roll < 0.05 and profile.people:
            return Forward(before, profile.people[int(rng.random() * len(profile.people))])
        return Forward(before, from_name="Somebody hidden ☂")

    def _finish(
        self,
        rng: Random,
        message_id: int,
        date: int,
        now: int,
        text: str,
        entities: tuple[Entity, ...],
        media: Media | None,
        grouped: int | None,
        sender_roll: float | None = None,
    ) -> Message:
        profile, random = self.profile, rng.random
        sender = author = views = forwards = replies = edited = None
        if profile.group and profile.people:
            roll = random() if sender_roll is None else sender_roll
            # now and then an administrator writes in the group's own name
            anonymous = roll > 0.97
            sender = marked_channel(profile.channel_id)
            if not anonymous:
                sender = profile.people[int(roll * roll * len(profile.people))]
        elif profile.people:
            sender = marked_channel(profile.channel_id) if profile.gigagroup else None
            if profile.signatures:
                author = profile.signatures[int(random() * len(profile.signatures))]
        if not profile.group:
            reach = profile.audience * min(1.0, (now - date) / 200_000 + 0.02)
            views = 1 + int(reach * (0.3 + random() * 0.7))
            forwards = int(views * random() * 0.02)
            replies = int(random() * 60) if profile.comments else None
        if random() < 0.04:
            edited = min(now, date + 30 + int(random() * 7_200))
        reactions: tuple[tuple[str, int], ...] = ()
        if random() < (0.12 if profile.group else 0.4):
            count = 1 + int(random() * 3)
            start = int(random() * (len(_REACTIONS) - count + 1))
            size = 3 if profile.group else max(2, profile.audience // 100)
            reactions = tuple(
                (emoji, 1 + int(random() * size)) for emoji in _REACTIONS[start : start + count]
            )
        return Message(
            message_id,
            date,
            text,
            entities,
            sender,
            author,
            self._reply(rng, message_id),
            self._forward(rng, date),
            media,
            None,
            views,
            forwards,
            replies,
            reactions,
            edited,
            edited is not None and random() < 0.2,
            grouped,
            profile.people[-1] if profile.group and random() < 0.01 else None,
            silent=random() < 0.05,
        )
