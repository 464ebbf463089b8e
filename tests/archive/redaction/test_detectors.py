"""What is personal data in a text, and what only looks like it."""

import time

import pytest

from archive.redaction import Kind, find
from archive.redaction.evaluating import LEAST, Evaluation, evaluate, labelled


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate()


@pytest.mark.parametrize("kind", list(Kind))
def test_precision_and_recall_over_labelled_texts(kind: Kind, evaluation: Evaluation) -> None:
    score = evaluation.scores[kind]
    assert score.right >= 8
    assert score.precision >= LEAST, evaluation.mistakes
    assert score.recall >= LEAST, evaluation.mistakes


def test_the_labelled_texts_are_many_and_a_third_of_them_have_nothing() -> None:
    texts = list(labelled())
    assert len(texts) > 200
    assert sum(not wanted for _, wanted in texts) > len(texts) / 3


def test_a_value_is_the_same_however_it_is_written() -> None:
    written = ["+7 912 345-67-89", "тел. 8 (912) 345-67-89", "wa.me/79123456789"]
    assert {span.value for text in written for span in find(text)} == {"+79123456789"}
    assert find("DE89 3704 0044 0532 0130 00")[0].value == "DE89370400440532013000"
    assert find("2001:0DB8::1")[0].value == find("2001:db8:0:0::1")[0].value


def test_only_what_is_asked_for_is_found() -> None:
    text = "a@example.com +1 201-555-0123"
    assert [span.kind for span in find(text, kinds={Kind.PHONE})] == [Kind.PHONE]
    assert [span.kind for span in find(text)] == [Kind.EMAIL, Kind.PHONE]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 200_000,
        "a." * 100_000,
        "@" * 100_000,
        "+1 " * 70_000,
        "ab:" * 70_000,
        "AB12 " * 40_000,
    ],
)
def test_a_long_text_takes_no_long_time(text: str) -> None:
    """No pattern backtracks over the whole text from each place of it."""
    began = time.process_time()
    find(text)
    assert time.process_time() - began < 2
