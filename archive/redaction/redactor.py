"""Messages without what gives people away."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from archive.redaction import entities as entities_of
from archive.redaction.finding import disjoint, find
from archive.redaction.kinds import Action, Kind, Span
from archive.redaction.names import People
from archive.redaction.rules import Rules
from ingestion.masking import IDS, PERSONAL

#: Hexadecimal digits of a pseudonym: two of a million people have the same one once in a million.
_DIGITS: Final = 14
#: Fields of trees (media, forwards, raw records) that are a number or a username as a whole.
_WHOLE: Final = {
    "phone": Kind.PHONE,
    "phone_number": Kind.PHONE,
    "username": Kind.MENTION,
    "usernames": Kind.MENTION,
}
#: Long and meaningless, or written by machines: not looked through.
_MACHINE: Final = frozenset(
    {"_", "type", "id", "access_hash", "file_reference", "date", "edit_date",
     "document_id", "waveform", "mime", "mime_type", "dc_id", "hash", "sha256", "kind"}
)  # fmt: skip
#: Small pictures within a record; they go where stored files go.
_PREVIEWS: Final = frozenset({"thumb", "bytes", "stripped", "stripped_thumb"})


@dataclass(slots=True)
class Redactor:
    """Rules, the workspace's key, and who its people are. `counts`: what was taken out so far."""

    rules: Rules
    key: bytes
    people: People = field(default_factory=People)
    counts: Counter[Kind] = field(default_factory=Counter)
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def text(self, text: str) -> str:
        """One string alone."""
        spans = find(text, kinds=self.rules.kinds, people=self.people) if text else []
        return _put(text, [(span, self._word(span)) for span in spans]) if spans else text

    def message(
        self, text: str, entities: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[dict[str, Any]]]:
        """A text with its entities, whose offsets stay right."""
        kinds = self.rules.kinds
        spans = find(text, kinds=kinds, people=self.people)
        if entities:
            spans = disjoint([*spans, *entities_of.told(entities, text, kinds)])
        changes = [(span, self._word(span)) for span in spans]
        kept = entities_of.moved(entities, text, changes) if changes else list(entities)
        return _put(text, changes), [self._entity(entity) for entity in kept]

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A message as exports have it: columns by name, JSON as objects. The row stays as it is."""
        made: dict[str, Any] = {}
        for name, value in row.items():
            if name in {"entities", "text"} or value is None:
                made[name] = value
            elif name == "sender_id":
                made[name] = self.person(str(value))
            elif name == "author":
                made[name] = self._author(str(value), str(row.get("sender_id") or ""))
            elif name == "raw":
                made[name] = self._raw(value)
            elif name == "revisions" and isinstance(value, list):
                made[name] = [self.row(one) for one in value]
            else:
                made[name] = self.tree(value, name)
        if row.get("text"):
            text, entities = self.message(row["text"], row.get("entities") or ())
            made["text"] = text
            if "entities" in row:
                made["entities"] = entities
        return made

    def person(self, marked: str) -> str:
        """A marked id: that of a person as a pseudonym, or nothing; any other as it is."""
        action = self.rules.action(Kind.NAME)
        if action is Action.KEEP or not self._is_person(marked):
            return marked
        self.counts[Kind.NAME] += 1
        return self._pseudonym("person", marked) if action is Action.PSEUDONYM else ""

    def tree(self, value: Any, name: str = "") -> Any:
        """Any JSON value; `name` is the field that it stands in."""
        if isinstance(value, Mapping):
            if isinstance(value.get("message"), str) and isinstance(value.get("entities"), list):
                return self._telegram(value)
            return {key: self.tree(item, key) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item, name) for item in value]
        if name in IDS:
            return self._id(value)
        if isinstance(value, str) and value and name not in _MACHINE:
            return self._string(value, name)
        return value

    def _string(self, value: str, name: str) -> str:
        if name in _PREVIEWS:
            return value if self.rules.media else ""
        kind = _WHOLE.get(name)
        if kind:
            return self._whole(kind, value)
        if name == "vcard":  # all that there is of somebody, in one string
            return "" if self.rules.kinds else value
        if name in PERSONAL:
            return self._name(value)
        return self._file_name(value) if name == "file_name" else self.text(value)

    def _whole(self, kind: Kind, value: str) -> str:
        """A field that is a number or a username, and nothing else."""
        if not self._takes(kind):
            return value
        if kind is Kind.PHONE:
            return self._word(Span(kind, 0, 0, "+" + "".join(filter(str.isdigit, value))))
        return self._word(Span(kind, 0, 0, value.lower()))

    def _takes(self, kind: Kind) -> bool:
        return self.rules.action(kind) is not Action.KEEP

    def _raw(self, value: Any) -> Any:
        return self.tree(value) if self.rules.raw else None

    def _telegram(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Telegram's own record of a message: its entities say what they are in other words, so they
        are left out where the text is another one.
        """
        before = record["message"]
        after = self.text(before)
        rest = {key: value for key, value in record.items() if key not in {"message", "entities"}}
        made = {key: self.tree(item, key) for key, item in rest.items()}
        kept = self.tree(record["entities"]) if after == before else []
        return {**made, "message": after, "entities": kept}

    def _entity(self, entity: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self.text(value) if key == "url" else value for key, value in entity.items()}

    def _author(self, author: str, sender: str) -> str:
        """Whoever wrote it, where that is a person; the name of a channel that posts stays."""
        if not author or not self._takes(Kind.NAME):
            return author
        if sender and not self._is_person(sender):
            return self._name(author) if self.people.of_name(author) else author
        self.counts[Kind.NAME] += 1
        return self._said(Kind.NAME, "person", sender or self.people.of_name(author) or author)

    def _name(self, value: str) -> str:
        if not self._takes(Kind.NAME):
            return self.text(value)
        return self._word(Span(Kind.NAME, 0, 0, self.people.of_name(value) or value))

    def _file_name(self, value: str) -> str:
        """Between its parts stand underlines, which are letters to most who look."""
        spaced = value.replace("_", " ")
        spans = find(spaced, kinds=self.rules.kinds, people=self.people)
        return _put(value, [(span, self._word(span)) for span in spans]) if spans else value

    def _id(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | str):
            return value
        made = self.person(str(value))
        return value if made == str(value) else made

    def _is_person(self, marked: str) -> bool:
        """Channels and groups have a minus in front; what a workspace hides is a hash already."""
        number = marked.removeprefix("user")
        is_id = number.isdigit() or (number[:1] == "h" and len(number) > _DIGITS)
        return is_id and number not in self.people.bots

    def _word(self, span: Span) -> str:
        """What stands there instead; of a member, by whatever name, the same."""
        self.counts[span.kind] += 1
        if span.kind is Kind.MENTION and (person := self.people.of_username(span.value)):
            return self._said(Kind.MENTION, "person", person)
        noun = "person" if span.kind is Kind.NAME else span.kind.value
        return self._said(span.kind, noun, span.value)

    def _said(self, kind: Kind, noun: str, value: str) -> str:
        if self.rules.action(kind) is Action.PSEUDONYM:
            return f"[{self._pseudonym(noun, value)}]"
        return f"[{kind.value}]"

    def _pseudonym(self, noun: str, value: str) -> str:
        made = self._known.get((noun, value))
        if made is None:
            digest = hmac.new(self.key, f"{noun}\0{value}".encode(), hashlib.sha256).hexdigest()
            made = self._known[noun, value] = f"{noun}-{digest[:_DIGITS]}"
        return made


def _put(text: str, changes: Sequence[tuple[Span, str]]) -> str:
    pieces = []
    place = 0
    for span, word in changes:
        pieces += [text[place : span.start], word]
        place = span.end
    return "".join([*pieces, text[place:]])
