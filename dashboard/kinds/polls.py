"""Polls and quizzes with their results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import entities
from dashboard.service import Names

Meta = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """`voters` and `percent` are None where the account may not see them."""

    html: SafeString
    text: str
    voters: int | None
    percent: float | None
    correct: bool
    #: Added by one of the voters.
    added: bool


@dataclass(frozen=True)
class Poll:
    """As it was last seen. `notes` say how it is held."""

    question: SafeString
    answers: list[Answer]
    total: int | None
    closed: bool
    notes: list[str]
    solution: SafeString | None


def poll(meta: Meta, attached: Meta, _names: Names) -> Poll:
    votes: Meta = attached.get("poll") or {}
    by_option = {_key(one): one for one in votes.get("answers") or ()}
    total = votes.get("total")
    offered = [(one, False) for one in meta.get("answers") or ()]
    offered += [(one, True) for one in votes.get("added") or ()]
    question = str(meta.get("question") or "")
    solution = votes.get("solution")
    return Poll(
        question=entities.render(question, meta.get("question_entities") or ()),
        answers=[_answer(one, by_option, total, added=added) for one, added in offered],
        total=total,
        closed=bool(votes.get("closed")),
        notes=_notes(meta, closed=bool(votes.get("closed"))),
        solution=entities.render(solution, votes.get("solution_entities") or ())
        if solution
        else None,
    )


def _key(one: Meta) -> str:
    """By which an answer is known: some sources tell its words only."""
    return str(one.get("option") or one.get("text") or "")


def _answer(one: Meta, votes: Mapping[str, Meta], total: int | None, *, added: bool) -> Answer:
    text = str(one.get("text") or "")
    got = votes.get(_key(one)) or votes.get(text) or {}
    voters = got.get("voters")
    share = 100 * voters / total if voters is not None and total else None
    return Answer(
        html=entities.render(text, one.get("entities") or ()),
        text=text,
        voters=voters,
        percent=0.0 if voters == 0 else share,
        correct=bool(got.get("correct")),
        added=added,
    )


def _notes(meta: Meta, *, closed: bool) -> list[str]:
    found = [_("voters are public") if meta.get("public_voters") else _("anonymous")]
    if meta.get("multiple_choice"):
        found.append(_("several answers at once"))
    if meta.get("open_answers"):
        found.append(_("voters may add answers"))
    if closed:
        found.append(_("closed"))
    return found
