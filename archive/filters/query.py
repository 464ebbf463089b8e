"""What a person typed into the search box."""

import re
from dataclasses import dataclass
from typing import Final

#: Longer queries are cut: nobody types them.
LONGEST: Final = 300

#: Scripts that put no spaces between words, so that PostgreSQL takes a sentence for a word: Thai,
#: Lao, Myanmar, Khmer, kana, Han and its extensions.
_NO_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
#: Tells an emoji from a sign; either is meant.
_VARIATION: Final = re.compile("[\ufe0e\ufe0f]")
_QUOTED_OR_WORD: Final = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True, slots=True)
class Query:
    """`text` goes to PostgreSQL's websearch_to_tsquery; `terms` are what is wanted (words, and
    quoted phrases whole), without what is unwanted (`-word`).
    """

    text: str
    terms: tuple[str, ...]

    @classmethod
    def parse(cls, typed: str) -> "Query":
        """Never fails: PostgreSQL refuses NUL and half characters, so they are left out."""
        text = typed[:LONGEST].replace("\0", "").encode("utf-8", "ignore").decode("utf-8").strip()
        found = [
            (phrase or word).strip('"')
            for minus, phrase, word in _QUOTED_OR_WORD.findall(_VARIATION.sub("", text))
            if not minus and word.lower() != "or"
        ]
        return cls(text, tuple(term for term in found if term))

    @property
    def has_no_spaces(self) -> bool:
        """Words in it cannot be told by spaces."""
        return _NO_SPACES.search(self.text) is not None

    def patterns(self) -> list[str]:
        """For ILIKE ALL: each term, anywhere in the text."""
        return [f"%{_escape(term)}%" for term in self.terms or (self.text,)]


def is_written_without_spaces(text: str) -> bool:
    return _NO_SPACES.search(text) is not None


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
