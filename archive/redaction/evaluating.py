"""How good the detectors are: precision and recall over texts that were labelled by hand."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archive.redaction.finding import find
from archive.redaction.kinds import Kind
from archive.redaction.names import People

LABELLED: Final = Path(__file__).with_name("labelled.txt")
#: Name → id of those who are known to the labelled texts.
PEOPLE: Final = {
    "Ivan Petrov": "101",
    "Мария Кузнецова": "102",
    "Anna-Lena O'Neill": "103",
    "Cemşid": "104",
    "Rose": "105",
    "Lê Văn An": "106",
}
#: Precision and recall that each detector has at least.
LEAST: Final = 0.97
_LABEL: Final = re.compile(r"⟦(\w+)\|(.*?)⟧")

#: What was found, or should have been: kind, and the words.
Finding = tuple[Kind, str]


@dataclass(slots=True)
class Score:
    """Of one kind: how many were found rightly, wrongly, and not."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """How much of what was found is so, 0 … 1."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """How much of what is there was found, 0 … 1."""
        there = self.right + self.missed
        return self.right / there if there else 1.0


@dataclass(slots=True)
class Evaluation:
    scores: dict[Kind, Score] = field(default_factory=lambda: defaultdict(Score))
    #: `(text, found wrongly, missed)` of each text that is not as labelled.
    mistakes: list[tuple[str, list[Finding], list[Finding]]] = field(default_factory=list)
    texts: int = 0

    def below(self) -> list[Kind]:
        """Whose precision or recall is too low, or which the texts do not ask for."""
        return [
            kind
            for kind in Kind
            if not (score := self.scores[kind]).right or min(score.precision, score.recall) < LEAST
        ]


def labelled() -> Iterator[tuple[str, list[Finding]]]:
    """Each text without its labels, and what is to be found in it."""
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            wanted = [(Kind(kind), words) for kind, words in _LABEL.findall(line)]
            yield _LABEL.sub(r"\2", line), wanted


def people() -> People:
    known = People()
    for name, number in PEOPLE.items():
        known.add(number, name=name)
    return known


def evaluate() -> Evaluation:
    """Every labelled text through every detector. A stretch that is longer or shorter than the
    label counts as wrong, and the label as missed.
    """
    done = Evaluation()
    known = people()
    for text, wanted in labelled():
        found = [(span.kind, text[span.start : span.end]) for span in find(text, people=known)]
        wrong = _without(found, wanted)
        missed = _without(wanted, found)
        for kind, _ in _without(found, wrong):
            done.scores[kind].right += 1
        for kind, _ in wrong:
            done.scores[kind].wrong += 1
        for kind, _ in missed:
            done.scores[kind].missed += 1
        if wrong or missed:
            done.mistakes.append((text, wrong, missed))
        done.texts += 1
    return done


def _without(some: list[Finding], others: list[Finding]) -> list[Finding]:
    rest = list(others)
    out = []
    for one in some:
        if one in rest:
            rest.remove(one)
        else:
            out.append(one)
    return out
