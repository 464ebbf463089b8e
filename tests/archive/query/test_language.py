"""The language of the search box: what is understood, what is pointed at, and that any text is either."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.query import TOKENS, Either, Question, Term, Unwanted, parse, spelled, unfinished

TODAY = date(2026, 5, 20)


def asked(text: str) -> Question:
    question = parse(text, today=TODAY)
    assert question.mistakes == (), [str(one.told) for one in question.mistakes]
    return question


def tokens(text: str) -> list[tuple[str, str]]:
    return [(token.name, token.value) for token in asked(text).tokens]


def test_words_phrases_or_not_and_beginnings() -> None:
    question = asked('ferry "night  boat" -storm harbour OR quay OR "old pier" dock* -"no service"')
    assert question.wanted == (
        Either((Term("ferry"),)),
        Either((Term("night boat", quoted=True),)),
        Unwanted(Term("storm")),
        Either((Term("harbour"), Term("quay"), Term("old pier", quoted=True))),
        Either((Term("dock", prefix=True),)),
        Unwanted(Term("no service", quoted=True)),
    )


def test_and_and_not_in_capitals_are_no_words() -> None:
    assert asked("ferry AND boat").wanted == asked("ferry boat").wanted
    question = asked('ferry AND NOT storm NOT "no service" boat NOT is:deleted')
    assert question == asked('ferry -storm -"no service" boat -is:deleted')
    assert asked('do not and "AND"').wanted == (
        Either((Term("do"),)),
        Either((Term("not"),)),
        Either((Term("and"),)),
        Either((Term("AND", quoted=True),)),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("channel:@durov in:news", [("channel", "@durov"), ("channel", "news")]),
        ('from:"Ada  Lovelace"', [("from", "Ada Lovelace")]),
        ("has:photo HAS:link has:file", [("has", "photo"), ("has", "link"), ("has", "document")]),
        ("kind:poll type:Voice", [("kind", "poll"), ("kind", "voice")]),
        ("after:2026-05-01 before:2026-06", [("after", "2026-05-01"), ("before", "2026-06-01")]),
        ("on:2026-02", [("on", "2026-02-01..2026-02-28")]),
        ("on:yesterday", [("on", "2026-05-19")]),
        ("date:2026-05 user:ada", [("on", "2026-05-01..2026-05-31"), ("from", "ada")]),
        ("after:2w", [("after", "2026-05-06")]),
        ("views:>1000", [("views", "1001..")]),
        ("views:<=1.5k", [("views", "..1500")]),
        ("views:100..200", [("views", "100..200")]),
        ("views:0", [("views", "0..0")]),
        ("lang:RU", [("lang", "ru")]),
        ("is:edited -is:deleted", [("is", "edited"), ("is", "present")]),
        ("topic:120 thread:#7", [("topic", "120"), ("thread", "7")]),
        ("url:https://www.Example.org/a?b site:bücher.de",
         [("url", "example.org"), ("url", "bücher.de")]),
        ("tag:#Новости", [("tag", "новости")]),
        (r"re:/a b\/c/i", [("re", "(?i)a b/c")]),
    ],
)  # fmt: skip
def test_filters_stand_in_the_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "piece", "words"),
    [
        ('a "b c', '"b c', "This quote has no end"),
        ("a OR", "OR", "between two words"),
        ("OR a", "OR", "between two words"),
        ("a OR kind:photo", "OR", "between two words"),
        ("a OR -b", "-b", "cannot stand beside OR"),
        ("a NOT", "NOT", "before a word"),
        ("a NOT AND b", "NOT", "before a word"),
        ("a OR NOT b", "NOT b", "cannot stand beside OR"),
        ("a NOT kind:photo", "NOT kind:photo", "A minus before “kind:”"),
        ("a -(b c)", "-(b", "hold nothing together"),
        ("a OR (b c)", "(b", "hold nothing together"),
        ("/ferr(y|ies)/i", "/ferr(y|ies)/i", "Write re:/ferr(y|ies)/i"),
        ("a - b", "-", "directly before what is not wanted"),
        ('a ""', '""', "Nothing stands between"),
        ("a * b", "*", "There is no word here"),
        ("a has:tea", "has:tea", "media, link, photo"),
        ("a kind:hologram b", "kind:hologram", "no kind of message “hologram”"),
        ("is:gone", "is:gone", "edited, deleted"),
        ("from: ada", "from:", "directly behind the colon"),
        ("on:2026-02-30", "on:2026-02-30", "is no day"),
        ("after:9999999d", "after:9999999d", "is no day"),
        ("views:many", "views:many", "views:>1000"),
        ("views:9..1", "views:9..1", "the smaller number first"),
        ("lang:klingon", "lang:klingon", "two letters"),
        ("url:org", "url:org", "is no domain"),
        ("tag:a+b", "tag:a+b", "is no hashtag"),
        ("thread:x", "thread:x", "message's number"),
        ("re:/abc", "re:/abc", "between two slashes"),
        ("re:abc", "re:abc", "between two slashes"),
        ("re:/abc/x", "re:/abc/x", "“x” means nothing"),
        ("-kind:photo", "-kind:photo", "A minus before “kind:”"),
        ("from:a from:b", "from:b", "can stand once only"),
        ("chanel:news", "chanel:news", "did you mean “channel:”?"),
    ],
)
def test_what_makes_no_sense_is_pointed_at(text: str, piece: str, words: str) -> None:
    (mistake,) = parse(text, today=TODAY).mistakes
    assert text[mistake.start : mistake.end] == piece
    assert words in str(mistake.told)


def test_ordinary_writing_is_no_mistake() -> None:
    for text in (
        "https://t.me/durov",
        "12:30",
        "Note: bring tea",
        "C++ & c# :)",
        "渡轮 😀",
        "/etc/hosts/",
        "a (see below)",
        "(a OR b) c",
    ):
        assert asked(text).tokens == ()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", (0, "", "")),
        ("ferry ", (6, "", "")),
        ("ferry ch", (6, "", "ch")),
        ("ferry -ch", (7, "", "ch")),
        ("a channel:@du", (2, "channel", "@du")),
        ('from:"Ada Lo', (0, "from", "Ada Lo")),
        ("is:", (0, "is", "")),
        ('"a phrase"', (10, "", "")),
    ],
)
def test_what_is_being_typed_is_known(before: str, expected: tuple[int, str, str]) -> None:
    found = unfinished(before)
    assert (found.start, found.name, found.text) == expected


#: Texts that look like queries far more often than any text would.
_SCRAPS = st.sampled_from(
    [*(one.example for one in TOKENS.values()), *(f"{name}:" for name in TOKENS),
     '"', "-", "*", "OR", "or", "AND", "NOT", "(", "/", "\\", "(?i)", " ", " ", "..", "2026-05", "ferry", "渡轮", "\0", "#"]
)  # fmt: skip
_QUERIES = st.lists(st.one_of(_SCRAPS, st.text(max_size=6)), max_size=14).map("".join)


#: A busy machine is slow, and no mistake of these.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_CALM
@given(_QUERIES)
def test_any_text_is_a_question_whose_one_form_says_the_same(text: str) -> None:
    question = parse(text, today=TODAY)
    again = parse(spelled(question), today=TODAY)
    assert again == question
    assert spelled(again) == spelled(question)
    for mistake in question.mistakes:
        assert 0 <= mistake.start < mistake.end <= len(text)
        assert str(mistake.told)


@_CALM
@given(_QUERIES, st.integers(0, 60))
def test_what_is_being_typed_lies_in_the_text(text: str, caret: int) -> None:
    found = unfinished(text[:caret])
    assert 0 <= found.start <= caret
