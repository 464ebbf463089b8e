"""What of a text is marked as found."""

import pytest

from archive.search import Piece, excerpt, pieces


def marked(text: str, query: str) -> str:
    return "".join(f"[{p.text}]" if p.is_hit else p.text for p in pieces(text, query))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Green apples, green pears", "green", "[Green] apples, [green] pears"),
        ("evergreen", "green", "evergreen"),
        ("Зелені яблука", "ЯБЛУКА", "Зелені [яблука]"),
        ("red and green apples", '"green apples" red', "[red] and [green apples]"),
        ("green, apples", '"green apples"', "[green, apples]"),
        ("green and red", "green or red", "[green] and [red]"),
        ("green and red", "green -red", "[green] and red"),
        ("你好世界", "世界", "你好[世界]"),
        ("hot🔥!", "🔥", "hot[🔥]!"),
        ("a.b (c)", "(c)", "a.b ([c])"),
        ("<b>bold</b>", "bold", "<b>[bold]</b>"),
        ("nothing", "", "nothing"),
        ("nothing", '""', "nothing"),
        ("", "x", ""),
    ],
)
def test_hits(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected
    assert "".join(piece.text for piece in pieces(text, query)) == text


def test_an_excerpt_is_cut_around_the_first_hit() -> None:
    text = "before " * 100 + "apples" + " after" * 100
    found = excerpt(text, "apples", length=120)
    assert found[0] == Piece("…", is_hit=False)
    assert found[-1] == Piece("…", is_hit=False)
    assert Piece("apples", is_hit=True) in found
    shown = "".join(piece.text for piece in found).strip("…")
    assert len(shown) <= 120
    assert shown in text
    assert shown.split()[0] == "before"
    assert shown.split()[-1] == "after"


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Green apples", "apples") == [Piece("Green ", False), Piece("apples", True)]


def test_a_text_without_the_words_begins_at_its_beginning() -> None:
    assert excerpt("a " * 500, "missing", length=10) == [
        Piece("a a a a a", False),
        Piece("…", False),
    ]


def test_a_long_hit_or_a_text_without_spaces_is_cut_anywhere() -> None:
    assert excerpt("x" * 500, "x" * 300, length=100)[-1] == Piece("…", False)
    found = excerpt("世" * 300 + "界" + "世" * 300, "界", length=100)
    assert Piece("界", True) in found
    assert sum(len(piece.text) for piece in found) <= 102
