"""What a person is told, kept so that it can be said in any language: sentences as the code has
them, in English, and the values in them. Knows no Django; whoever speaks gives it a voice.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

_FIELD: Final = re.compile(r"%\((\w+)\)[sd]|%%")


@dataclass(frozen=True, slots=True)
class Seconds:
    """A length of time in a sentence, said in words: 45 s, 2 h 5 min."""

    count: float

    def __str__(self) -> str:
        return f"{self.count:g} s"


#: What may stand in a sentence. Numbers are said with their digits in groups: give what is no
#: amount (a code, a year, a phone number) as text.
Value = str | int | float | datetime | Seconds


class Voice(Protocol):
    """A language, as far as sentences go."""

    def sentence(self, template: str) -> str:
        """The template, translated."""
        ...

    def value(self, value: Value) -> str:
        """The value, as people write it."""
        ...


class _Plain:
    """The words of the code, for programs without Django."""

    def sentence(self, template: str) -> str:
        return template

    def value(self, value: Value) -> str:
        return str(value)


_voice: Voice = _Plain()


def speak_with(voice: Voice) -> None:
    """From now on `str()` of what is told is said by this voice."""
    global _voice  # noqa: PLW0603 - the one place that a process has for it
    _voice = voice


@dataclass(frozen=True, slots=True)
class Sentence:
    """A whole sentence, and what its `%(name)s` stand for. Without values it is taken as it is:
    a lone `%` is no placeholder then.
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        said = _voice.sentence(self.template)
        if not self.values:
            return said
        return _FIELD.sub(self._put, said)

    def _put(self, found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        # No page fails because of how an error is worded, or translated.
        return _voice.value(self.values[name]) if name in self.values else found[0]


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences one after the other. `str()` says them in the language that is active; nothing
    told is falsy.
    """

    sentences: tuple[Sentence, ...] = ()

    def __str__(self) -> str:
        return " ".join(str(sentence) for sentence in self.sentences)

    def __bool__(self) -> bool:
        return bool(self.sentences)

    def __contains__(self, words: str) -> bool:
        """Whether it says these words, in the language that is active."""
        return words in str(self)

    @classmethod
    def of(cls, templates: Iterable[str], values: Mapping[str, object]) -> "Told":
        """As `tell`, for templates that come from where they are written down."""
        return cls(tuple(_sentence(template, values) for template in templates if template))

    def as_json(self) -> list[list[Any]]:
        """`[["Sentence with %(name)s.", {"name": 5}], ["Another."]]`; a length of time is
        `{"seconds": 45}`, a moment `{"at": "2026-05-01T09:30:00+00:00"}`.
        """
        return [
            [one.template, {name: _packed(value) for name, value in one.values.items()}]
            if one.values
            else [one.template]
            for one in self.sentences
        ]

    @classmethod
    def from_json(cls, stored: Sequence[Sequence[Any]]) -> "Told":
        """What `as_json` gave."""
        return cls(
            tuple(
                Sentence(
                    template,
                    {name: _unpacked(value) for one in rest for name, value in one.items()},
                )
                for template, *rest in stored
            )
        )


NOTHING: Final = Told()


def tell(*templates: str, **values: object) -> Told:
    """Whole sentences, whose `%(name)s` stand for `values`. An empty one is left out."""
    return Told.of(templates, values)


def _sentence(template: str, values: Mapping[str, object]) -> Sentence:
    if not values:
        return Sentence(template)
    used = {name for name in _FIELD.findall(template) if name}
    if not used:  # `%%` stands for `%` here, as in the sentences beside it
        return Sentence(template.replace("%%", "%"))
    return Sentence(template, {name: _value(values[name]) for name in sorted(used & set(values))})


def _value(value: object) -> Value:
    # A subclass (an enum's member, a lazy string) is kept as what it says.
    if type(value) in {str, int, float} or isinstance(value, datetime | Seconds):
        return value  # type: ignore[return-value] # as just looked at
    return str(value)


def _packed(value: Value) -> Any:
    if isinstance(value, Seconds):
        return {"seconds": value.count}
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _unpacked(value: Any) -> Value:
    if not isinstance(value, dict):
        plain: Value = value
        return plain
    return Seconds(value["seconds"]) if "seconds" in value else datetime.fromisoformat(value["at"])
