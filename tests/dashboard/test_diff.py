"""What was changed between two versions of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.diff import words


def shown(before: str, after: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.change].format(piece.text) for piece in words(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("the ferry is late", "the tram is late", "the [-ferry-]{+tram+} is late"),
        ("two red apples", "three green apples", "[-two red-]{+three green+} apples"),
        ("one", "one two", "one{+ two+}"),
        ("one two", "one", "one[- two-]"),
        ("Паром опоздал", "Паром пришёл", "Паром [-опоздал-]{+пришёл+}"),
        ("渡轮晚点了", "渡轮准点了", "渡轮[-晚-]{+准+}点了"),
        ("a\nb", "c\nd", "[-a-]{+c+}\n[-b-]{+d+}"),
        ("", "new", "{+new+}"),
    ],
)
def test_changes_are_told_by_the_word(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


texts = st.text("ab c\n渡é,", max_size=20)


@given(texts, texts)
def test_both_versions_can_be_read_from_it(before: str, after: str) -> None:
    pieces = words(before, after)
    assert "".join(piece.text for piece in pieces if piece.change != "added") == before
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == after


def test_texts_too_long_to_compare_are_shown_one_after_the_other() -> None:
    pieces = words("a " * 4000, "b " * 4000)
    assert [piece.change for piece in pieces] == ["removed", "added"]
