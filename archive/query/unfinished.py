"""What is being typed where the caret stands."""

from dataclasses import dataclass

from archive.query.lexer import Piece, pieces


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The text from `start` to the caret: the beginning of a word (`name` empty) or of a filter's
    value.
    """

    start: int
    name: str
    text: str


def unfinished(before: str) -> Unfinished:
    """Of the text before the caret."""
    last: Piece | None = None
    for piece in pieces(before):
        last = piece
    if last is None or (last.end == len(before) and before[-1:].isspace() and last.closed):
        return Unfinished(len(before), "", "")
    if last.end < len(before) or (last.quoted and last.closed):
        return Unfinished(len(before), "", "")
    return Unfinished(last.start + (last.minus and not last.name), last.name, last.text)
