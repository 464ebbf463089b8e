"""Templates and how they are filled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_SLOT = re.compile(r"\{(\w+)\}")

Template = tuple[tuple[str, tuple[str, ...] | None], ...]


def compile_template(text: str, slots: dict[str, tuple[str, ...]]) -> Template:
    """``"a {x} b"`` → literal pieces with, after each, the words that may follow."""
    pieces: list[tuple[str, tuple[str, ...] | None]] = []
    end = 0
    for match in _SLOT.finditer(text):
        pieces.append((text[end : match.start()], slots[match.group(1)]))
        end = match.end()
    pieces.append((text[end:], None))
    return tuple(pieces)


def fill(rng: Random, template: Template) -> str:
    """One sentence out of a template."""
    out: list[str] = []
    random = rng.random
    for literal, words in template:
        out.append(literal)
        if words is not None:
            out.append(words[int(random() * len(words))])
    return "".join(out)


@dataclass(frozen=True)
class Voice:
    """What one channel writes about, and how: headlines, sentences, answers, tags."""

    name: str
    slots: dict[str, tuple[str, ...]]
    headlines: tuple[str, ...]
    sentences: tuple[str, ...]
    answers: tuple[str, ...]
    hashtags: tuple[str, ...]
    files: tuple[str, ...] = ("report.pdf", "table.csv", "notes.txt")
    questions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    joiner: str = " "
    compiled: dict[str, tuple[Template, ...]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for part in ("headlines", "sentences", "answers"):
            self.compiled[part] = tuple(
                compile_template(text, self.slots) for text in getattr(self, part)
            )

    def write(self, rng: Random, part: str) -> str:
        """One text of a part: ``headlines``, ``sentences`` or ``answers``."""
        templates = self.compiled[part]
        return fill(rng, templates[int(rng.random() * len(templates))])
