"""What errors say can be translated: their sentences are literal, so that the catalogue has them,
and every value that they name is given.
"""

import re

from tests.project.files import BASE
from tgadmin.management import catalogue, told

FIELD = re.compile(r"%\((\w+)\)[sd]")


def found() -> list[tuple[str, told.Call]]:
    return [
        (f"{file.relative_to(BASE)}:{call.line}", call)
        for file in catalogue.modules()
        for call in told.calls(file.read_text(encoding="utf-8"))
    ]


def test_what_errors_say_is_literal() -> None:
    calls = found()
    assert len(calls) > 150
    assert {place: call.unknown for place, call in calls if call.unknown} == {}


def test_each_value_that_a_sentence_names_is_given_and_each_that_is_given_is_named() -> None:
    wrong = {}
    for place, call in found():
        named = set(FIELD.findall(" ".join(call.sentences)))
        # A `Meaning` is given its values later, where its error is made.
        if not call.is_meaning and call.values is not None and named != call.values:
            wrong[place] = named ^ call.values
    assert wrong == {}


def test_what_is_kept_of_an_error_is_no_text() -> None:
    """`error=str(error)` would keep it in the language of whoever was there first."""
    kept = re.compile(r"\b(?:error|text)=(?:str\(|f\")")
    assert [
        f"{file.relative_to(BASE)}:{number}"
        for file in catalogue.modules()
        if "ingestion" in file.parts or "archive" in file.parts
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if kept.search(line) and "sources" not in file.parts
    ] == []


def test_a_sentence_is_whole() -> None:
    """It begins like one, ends like one, and holds no placeholder of another kind."""
    odd = {
        sentence: place
        for place, call in found()
        for sentence in call.sentences
        if not sentence.endswith((".", "?", "…"))
        or re.search(r"[{}]|%(?!\(\w+\)[sd]|%| )", sentence)
        or sentence[0].islower()
    }
    assert odd == {}


def test_sentences_are_found_where_they_stand() -> None:
    source = '''
from ingestion.errors import AccessError, DataError, Meaning
from tgadmin.lib.told import tell
_LATER: Final = "Later."
class Odd(DataError):
    def __init__(self, body):
        super().__init__("ODD", "It is %(what)s.", what=body)
class Plain(DataError):
    """Says nothing of its own."""
CODES = {"X": Meaning(AccessError, "Happened.", _LATER)}
def f(x):
    raise Plain("CODE", f"Not {x}.", "Do." if x else "Do not.")
    tell("Told.", other)
    self.tell("Not ours.")
'''
    calls = {call.line: (call.sentences, call.unknown) for call in told.calls(source)}
    assert calls == {
        7: (("It is %(what)s.",), ()),
        10: (("Happened.", "Later."), ()),
        12: (("Do.", "Do not."), ("f'Not {x}.'",)),
        13: (("Told.",), ("other",)),
    }
