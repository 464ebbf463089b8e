"""What is searched for: words by how common they are, by counting those that are archived."""

from dataclasses import dataclass
from random import Random
from typing import Final

from django.db import connection

from ingestion.models import Message
from workspaces.models import Workspace

#: Questions of each kind.
QUESTIONS: Final = 12
#: Of these texts the words are counted.
_SAMPLE: Final = """
SELECT text FROM ingestion_message TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (1) WHERE text <> ''
LIMIT 20000
"""
_ROWS: Final = "SELECT greatest(reltuples, 1) FROM pg_class WHERE relname = 'ingestion_message'"
_WANTED: Final = 20_000
_LONG_ENOUGH: Final = 3
_CJK: Final = ("一", "鿿")


@dataclass(frozen=True, slots=True)
class Words:
    """Questions by kind."""

    rare: list[str]
    medium: list[str]
    common: list[str]
    phrase: list[str]
    substring: list[str]


def words(workspace: Workspace) -> Words:
    """Taken from what is archived, the same ones for the same archive and statistics."""
    texts = _texts()
    counts: dict[str, int] = {}
    phrases: list[str] = []
    chinese: list[str] = []
    for text in texts:
        parts = text.replace(".", " ").split()
        for part in set(parts):
            counts[part] = counts.get(part, 0) + 1
        plain = [part for part in parts if part.isalpha() and len(part) >= _LONG_ENOUGH]
        if len(plain) > QUESTIONS:
            phrases.append(f'"{plain[2]} {plain[3]}"')
        first = text[:2]
        if len(first) == 2 and all(_CJK[0] <= sign <= _CJK[1] for sign in first):
            chinese.append(first)
    ranked = sorted(
        (word for word in counts if word.isalpha() and len(word) >= _LONG_ENOUGH),
        key=lambda word: (-counts[word], word),
    )
    dice = Random(len(ranked))  # noqa: S311, a choice of words
    middle = len(ranked) // 20
    return Words(
        rare=dice.sample(ranked[-len(ranked) // 3 :], QUESTIONS),
        medium=ranked[middle : middle + QUESTIONS],
        common=ranked[:QUESTIONS],
        phrase=dice.sample(phrases, min(QUESTIONS, len(phrases))),
        substring=dice.sample(chinese, min(QUESTIONS, len(chinese)))
        or [one.text[:2] for one in Message.objects.filter(channel__workspace=workspace)[:1]],
    )


def _texts() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        rows = cursor.fetchone()[0]
        cursor.execute(_SAMPLE, {"percent": min(100 * _WANTED / rows, 100)})
        return sorted(row[0] for row in cursor.fetchall())
