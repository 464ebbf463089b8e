"""The messages of one channel, oldest first, as they are archived in the end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from typing import Any, Final

from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping import map_message
from tgadmin.management.generate import telegram
from tgadmin.management.generate.lexicon import Lexicon, lexicon
from tgadmin.management.generate.moments import moments
from tgadmin.management.generate.plan import Plan, Shape
from tgadmin.management.generate.texts import Text, compose, edited, nearly

#: Topics of a forum by the id of the message that made it, beside "General".
TOPICS: Final = (2, 3, 4, 5)
_KINDS: Final = ("text", "photo", "video", "document", "voice", "poll", "service")
_SHARES: Final = tuple(accumulate((48, 30, 10, 4, 4, 2, 2)))
_DEEPEST_REPLY: Final = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A message, when it was found deleted, and what it was before an edit that was noticed."""

    record: MessageRecord
    deleted_at: datetime | None = None
    before: MessageRecord | None = None


class History:
    """Makes a channel's messages; the same ones for the same plan."""

    def __init__(self, plan: Plan, shape: Shape) -> None:
        self._plan, self._shape = plan, shape
        self._dice = plan.dice(f"history {shape.number}")
        self._words: Lexicon = lexicon(shape.language)
        self._end = datetime.combine(plan.until, time(), UTC)
        self._own = {
            one.message_id: one.text for one in plan.originals if one.channel_number == shape.number
        }
        self._names = {str(number): name for number, name in plan.people.items()}
        self._people = list(plan.people)
        self._busy = list(accumulate(1 / (rank + 3) for rank in range(len(self._people))))
        self._audience = self._dice.lognormvariate(8, 1)
        self._album: tuple[int, int] = (0, 0)

    def __iter__(self) -> Iterator[Made]:
        shape = self._shape
        absent = frozenset(shape.absent)
        dates = moments(self._dice, count=shape.messages, days=shape.days, until=self._plan.until)
        for low, high in shape.covered.pairs:
            for number in range(low, high + 1):
                if number not in absent:
                    yield self._one(number, next(dates))

    def _one(self, number: int, date: datetime) -> Made:
        dice = self._dice
        kind = dice.choices(_KINDS, cum_weights=_SHARES)[0]
        if kind == "service" and number not in self._own:
            raw = telegram.service(number, self._shape.bare_id, date)
        else:
            raw = self._post(number, date, kind)
        edit = None
        if raw["_"] == "Message" and raw["message"] and dice.random() < 0.04:
            edit = min(date + timedelta(seconds=int(dice.expovariate(1 / 7200)) + 5), self._end)
            raw["edit_date"] = edit
        record = map_message(raw, names=self._names)
        before = None
        if edit and dice.random() < 0.6:
            said = edited(dice, Text(raw["message"], raw["entities"]), self._words)
            earlier = {**raw, "message": said.text, "entities": said.entities, "edit_date": None}
            before = replace(map_message(earlier, names=self._names), raw={})
        deleted = None
        if dice.random() < 0.015:
            deleted = min(date + timedelta(seconds=int(dice.expovariate(1 / 86_400))), self._end)
        return Made(record, deleted, before)

    def _post(self, number: int, date: datetime, kind: str) -> dict[str, Any]:
        dice, shape = self._dice, self._shape
        follows = self._album[1] > 0 and number not in self._own
        grouped = self._grouped(kind, follows=follows)
        if follows:
            kind, said = "photo", Text("", [])
        else:
            said = self._own.get(number) or compose(dice, self._words)
        raw = telegram.message(number, shape.bare_id, date, said.text, said.entities)
        raw["grouped_id"] = grouped
        if number not in self._own and not grouped:
            self._take_up(raw, date)
        self._carry(raw, kind, date)
        self._count(raw)
        if shape.is_group:
            self._in_group(raw, number)
        return raw

    def _grouped(self, kind: str, *, follows: bool) -> int | None:
        """Albums are two to four photos that follow each other; the first has the words."""
        if follows:
            album, left = self._album
            self._album = (album, left - 1)
            return album
        if kind == "photo" and self._dice.random() < 0.08:
            album = 13_000_000_000_000_000 + self._dice.getrandbits(50)
            self._album = (album, 1 + int(self._dice.random() * 3))
            return album
        return None

    def _take_up(self, raw: dict[str, Any], date: datetime) -> None:
        """Some posts are somebody else's, forwarded or copied."""
        dice, originals = self._dice, self._plan.originals
        roll = dice.random()
        if roll >= 0.09 or not originals:
            return
        original = originals[int(dice.random() * len(originals))]
        text = original.text
        if roll < 0.06:
            source = self._plan.shapes[original.channel_number]
            posted = date - timedelta(seconds=int(dice.random() * 86_400))
            raw["fwd_from"] = telegram.forward(source.bare_id, original.message_id, posted)
        else:
            text = nearly(dice, text, original.language)
        raw["message"], raw["entities"] = text.text, text.entities

    def _carry(self, raw: dict[str, Any], kind: str, date: datetime) -> None:
        dice = self._dice
        if kind == "photo":
            raw["media"] = telegram.photo(dice, date)
        elif kind == "poll":
            question, *answers = self._words.draw(dice, 4)
            raw["media"] = telegram.poll(dice, question, answers)
            raw["message"], raw["entities"] = "", []
        elif kind in {"video", "document", "voice"}:
            raw["media"] = telegram.document(dice, date, kind)

    def _count(self, raw: dict[str, Any]) -> None:
        dice = self._dice
        views = int(self._audience * (0.3 + dice.random()))
        raw["views"] = views
        raw["forwards"] = int(views * dice.random() / 50)
        if dice.random() < 0.5:
            raw["reactions"] = telegram.reactions(dice, views)
        if dice.random() < 0.3:
            raw["replies"] = telegram.replies(int(dice.random() * 40))

    def _in_group(self, raw: dict[str, Any], number: int) -> None:
        dice = self._dice
        person = dice.choices(self._people, cum_weights=self._busy)[0]
        raw["post"], raw["views"], raw["forwards"] = False, None, None
        raw["from_id"] = {"_": "PeerUser", "user_id": person}
        topic = TOPICS[int(dice.random() * len(TOPICS))] if self._shape.kind == "forum" else None
        answers = number > _DEEPEST_REPLY and dice.random() < 0.4
        answered = number - 1 - int(dice.random() * _DEEPEST_REPLY) if answers else None
        if answered or topic:
            raw["reply_to"] = telegram.reply(answered, topic)
