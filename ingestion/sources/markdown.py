"""Telethon's Markdown, as other programs store texts: words and entities.

Its marks are `**bold**`, `__italic__`, `~~strike~~`, `` `code` ``, three backticks for blocks, and
`[text](address)` (https://docs.telethon.dev/en/stable/concepts/entities.html). What is not closed
is no mark.
"""

import re
from typing import Any, Final

from ingestion.sources.words import clean, utf16_length

_MARKS: Final = {
    "```": "pre",
    "**": "bold",
    "__": "italic",
    "~~": "strikethrough",
    "`": "code",
}
_LINK: Final = re.compile(r"\[([^\[\]]*?)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)", re.DOTALL)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'*]+[^\s<>\"'*.,:;!?)\]_~]")

Entity = dict[str, Any]


def read_markdown(source: str) -> tuple[str, list[Entity]]:
    """The words and their entities; addresses that stand in the text are entities, too."""
    reader = _Reader()
    reader.read(clean(source))
    text = "".join(reader.pieces)
    taken = [(one["offset"], one["offset"] + one["length"]) for one in reader.entities]
    for found in _ADDRESS.finditer(text):
        start = utf16_length(text[: found.start()])
        length = utf16_length(found[0])
        if not any(low <= start < high for low, high in taken):
            reader.entities.append({"type": "url", "offset": start, "length": length})
    return text, sorted(reader.entities, key=lambda one: (one["offset"], -one["length"]))


class _Reader:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.entities: list[Entity] = []
        self._offset = 0

    def read(self, source: str) -> None:
        at = plain = 0
        while at < len(source):
            step = self._link(source, at, plain) or self._mark(source, at, plain)
            if step:
                at = plain = step
            else:
                at += 1
        self._add(source[plain:])

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self._offset += utf16_length(text)

    def _link(self, source: str, at: int, plain: int) -> int:
        found = _LINK.match(source, at) if source[at] == "[" else None
        if found is None:
            return 0
        self._add(source[plain:at])
        self._inside(found[1], {"type": "text_url", "url": found[2]})
        return found.end()

    def _mark(self, source: str, at: int, plain: int) -> int:
        for mark, kind in _MARKS.items():
            if not source.startswith(mark, at):
                continue
            end = source.find(mark, at + len(mark))
            if end <= at + len(mark):
                return 0
            self._add(source[plain:at])
            inner = source[at + len(mark) : end]
            entity: Entity = {"type": kind}
            if kind == "pre":
                entity["language"] = ""
            self._inside(inner, entity, verbatim=kind in {"pre", "code"})
            return end + len(mark)
        return 0

    def _inside(self, inner: str, entity: Entity, *, verbatim: bool = False) -> None:
        start = self._offset
        if verbatim:
            self._add(inner)
        else:
            self.read(inner)
        if self._offset > start:
            self.entities.append({**entity, "offset": start, "length": self._offset - start})
