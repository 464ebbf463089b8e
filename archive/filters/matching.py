"""How words are looked for: by the full-text index, or anywhere in the text."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from archive.filters import sql
from archive.filters.query import Query


@dataclass(frozen=True, slots=True)
class Matching:
    """Either of `query` (for websearch_to_tsquery) and `patterns` (for ILIKE ALL), or neither.

    `indexed`: the full-text index answers it.
    """

    query: str | None = None
    patterns: list[str] | None = None
    indexed: bool = False

    def parameters(self) -> dict[str, Any]:
        return {"query": self.query, "patterns": self.patterns}


_ANY: Final = Matching()


def matching(words: str) -> Matching:
    """Words as a search engine reads them; those that PostgreSQL sees no words in (scripts
    without spaces, emoji, punctuation) are looked for anywhere.
    """
    asked = Query.parse(words)
    if not asked.text:
        return _ANY
    with connection.cursor() as cursor:
        cursor.execute(sql.CLASSIFY, {"query": asked.text})
        nodes, indexable = cursor.fetchone() or (0, "")
    if asked.has_no_spaces or not nodes:
        return Matching(patterns=asked.patterns())
    return Matching(query=asked.text, indexed=indexable not in {"", "T"})
