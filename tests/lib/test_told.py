"""Sentences that are kept, and said in the language of whoever reads them."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from ingestion.errors import AccessError, FloodWait
from tgadmin.lib.told import NOTHING, Seconds, Told, tell

WHEN = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def test_sentences_are_said_one_after_the_other_with_their_values() -> None:
    told = tell("%(count)s of %(all)s.", "Try “%(name)s”.", count=1200, all=5000, name="%(x)s 5 %")
    assert str(told) == "1,200 of 5,000. Try “%(x)s 5 %”."


def test_what_was_kept_says_the_same() -> None:
    told = tell("%(a)s %(b)s %(c)s %(d)s.", a=5, b=Seconds(3900), c=WHEN, d="x")
    again = Told.from_json(told.as_json())
    assert again == told
    assert str(again) == "5 1 h 5 min 01 May 2026, 09:30:00 UTC x."


@pytest.mark.parametrize("nothing", [Told(), NOTHING, tell(), tell("")])
def test_nothing_told_is_false_and_empty(nothing: Told) -> None:
    assert not nothing
    assert str(nothing) == ""
    assert nothing.as_json() == []


def test_a_sentence_without_values_may_have_a_percent_sign() -> None:
    assert str(tell("At 100 % of it.")) == "At 100 % of it."
    assert str(tell("At 100 %% of it.", "For %(who)s.", who="us")) == "At 100 % of it. For us."


def test_a_translation_with_another_field_breaks_no_page() -> None:
    assert str(Told.from_json([["%(one)s and %(other)s", {"one": 1}]])) == "1 and %(other)s"


def test_what_is_no_simple_value_is_kept_as_what_it_says() -> None:
    told = AccessError("X", "%(path)s.", path=FloodWait).told
    assert told.as_json() == [["%(path)s.", {"path": str(FloodWait)}]]


def test_an_error_speaks_the_language_that_is_active_when_it_is_shown() -> None:
    error = FloodWait(seconds=1380, method="messages.getHistory")
    assert str(error).startswith("Telegram asked this account to wait 23 min before")
    with translation.override("ru"):
        assert "23\xa0мин" in str(error)
        assert "messages.getHistory" in str(error)
    assert str(error).startswith("Telegram asked")
