"""Text and entities become HTML that is right and cannot do harm."""

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.entities import render, safe_url


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


def test_text_is_escaped() -> None:
    assert render("<script>&\"'", []) == "&lt;script&gt;&amp;&quot;&#x27;"


def test_offsets_are_utf16_units() -> None:
    assert render("😀 bold", [entity("bold", 3, 4)]) == "😀 <strong>bold</strong>"


def test_an_offset_inside_a_character_takes_the_whole_of_it() -> None:
    assert render("😀a", [entity("bold", 1, 2)]) == "<strong>😀a</strong>"


def test_entities_nest() -> None:
    marked = render("abcdef", [entity("bold", 0, 6), entity("italic", 2, 2)])
    assert marked == "<strong>ab<em>cd</em>ef</strong>"


def test_entities_that_overlap_are_closed_and_opened_again() -> None:
    marked = render("abcdef", [entity("bold", 0, 4), entity("italic", 2, 4)])
    assert marked == "<strong>ab<em>cd</em></strong><em>ef</em>"


def test_a_quote_stands_outside_of_what_overlaps_it() -> None:
    marked = render("abcd", [entity("bold", 0, 4), entity("blockquote", 2, 2)])
    assert marked == "<strong>ab</strong><blockquote><strong>cd</strong></blockquote>"


def test_links_never_nest() -> None:
    marked = render(
        "see example.org",
        [entity("text_url", 0, 15, url="https://a.example"), entity("url", 4, 11)],
    )
    assert marked.count("<a ") == 1


@pytest.mark.parametrize(
    ("kind", "text", "more", "address"),
    [
        ("url", "example.org/a", {}, "https://example.org/a"),
        ("url", "example.org:8080/a", {}, "https://example.org:8080/a"),
        (
            "text_url",
            "here",
            {"url": "https://example.org/?a=1&b=2"},
            "https://example.org/?a=1&b=2",
        ),
        ("email", "a@example.org", {}, "mailto:a@example.org"),
        ("phone", "+44 20 7946", {}, "tel:+44207946"),
        ("mention", "@durov", {}, "https://t.me/durov"),
        ("mention_name", "Vera", {"user_id": "42"}, "tg://user?id=42"),
        ("hashtag", "#море", {}, "/messages/?q=%23%D0%BC%D0%BE%D1%80%D0%B5"),
    ],
)
def test_what_links(kind: str, text: str, more: dict[str, Any], address: str) -> None:
    marked = render(text, [entity(kind, 0, len(text), **more)])
    assert html.unescape(re.findall(r'href="([^"]*)"', marked)[0]) == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "https://a\x00b",
        "http://[",
    ],
)
def test_an_address_that_could_run_is_no_link(address: str) -> None:
    assert safe_url(address) is None
    assert "href" not in render("x", [entity("text_url", 0, 1, url=address)])


def test_code_keeps_its_language_as_an_attribute() -> None:
    marked = render("x = 1", [entity("pre", 0, 5, language='py"><script>')])
    assert "<script>" not in marked
    assert marked.startswith("<pre data-language=")


def test_a_spoiler_is_uncovered_without_a_script_and_named_for_screen_readers() -> None:
    marked = render("it was Ada", [entity("spoiler", 7, 3)])
    assert marked == (
        'it was <label class="spoiler"><input type="checkbox" aria-label="Show the hidden text">'
        "<span>Ada</span></label>"
    )


def test_a_spoiler_never_stands_in_another_nor_in_a_link() -> None:
    inner = [entity("spoiler", 0, 4), entity("spoiler", 1, 2), entity("url", 0, 4)]
    marked = render("a.bc", inner)
    assert marked.count("<label") == 1
    assert marked.index("<label") < marked.index("<a ")


def test_a_long_quote_is_folded_where_telegram_folds_it() -> None:
    plain = render("words", [entity("blockquote", 0, 5)])
    assert plain == "<blockquote>words</blockquote>"
    folded = render("words", [entity("blockquote", 0, 5, collapsed=True)])
    assert '<blockquote class="folds"><details><summary>Show the whole quote</summary>' in folded
    assert "<div>words</div></details></blockquote>" in folded


def test_the_line_break_behind_a_block_is_the_blocks_own() -> None:
    marked = render("a\n\nb", [entity("blockquote", 0, 1)])
    assert marked == "<blockquote>a</blockquote>\nb"
    assert render("a\nb", [entity("bold", 0, 1)]) == "<strong>a</strong>\nb"


def test_a_date_says_its_moment() -> None:
    when = entity("date", 0, 8, date="2026-05-01T12:00:00+00:00")
    marked = render("tomorrow", [when])
    assert marked.startswith('<time datetime="2026-05-01T12:00:00+00:00" title="01 May 2026')
    assert render("soon", [entity("date", 0, 4, date="never")]) == "<span>soon</span>"


def test_a_cashtag_is_searched_for_like_a_hashtag() -> None:
    assert 'href="/messages/?q=%24TGA"' in render("$TGA", [entity("cashtag", 0, 4)])


def test_a_custom_emoji_is_the_text_that_stands_for_it() -> None:
    assert render("hi 🔥", [entity("custom_emoji", 3, 2, document_id="5")]) == "hi 🔥"


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "bold"},
        {"type": "bold", "offset": "0", "length": 1},
        {"type": "bold", "offset": -5, "length": 2},
        {"type": "bold", "offset": 99, "length": 2},
        {"type": "bold", "offset": 0, "length": 0},
        {"type": None, "offset": 0, "length": 1},
        {"type": "bank_card", "offset": 0, "length": 1},
    ],
)
def test_what_makes_no_sense_is_left_out(broken: dict[str, Any]) -> None:
    assert render("text", [broken]) == "text"


def test_found_words_are_marked_within_other_tags() -> None:
    marked = render("a ferry", [entity("bold", 0, 7)], [(2, 7)])
    assert marked == "<strong>a <mark>ferry</mark></strong>"


kinds = st.sampled_from(
    ["bold", "italic", "url", "text_url", "pre", "code", "blockquote", "spoiler", "hashtag"]
)
entities = st.builds(
    entity, kinds, st.integers(-2, 20), st.integers(-2, 20), url=st.text(max_size=8)
)


@given(st.text(max_size=16), st.lists(entities, max_size=8))
def test_any_entities_leave_the_text_whole_and_the_tags_balanced(
    text: str, given_entities: list[dict[str, Any]]
) -> None:
    marked = render(text, given_entities)
    stack: list[str] = []
    plain = []
    for tag, words in re.findall(r"<([^>]*)>|([^<]+)", marked):
        if words:
            plain.append(words)
        elif tag.startswith("/"):
            assert stack.pop() == tag[1:]
        elif not tag.startswith("input "):  # has no end
            stack.append(tag.split()[0])
    assert stack == []
    # A block swallows the line break behind it, and nothing else.
    swallowed = len(re.findall(r"</(?:pre|blockquote)>", marked))
    read = html.unescape("".join(plain)).replace("\r", "\n")
    written = text.replace("\r", "\n")
    assert read.replace("\n", "") == written.replace("\n", "")
    assert 0 <= written.count("\n") - read.count("\n") <= swallowed
