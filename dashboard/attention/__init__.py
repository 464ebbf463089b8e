"""What fails, each with its cause, what is safe, what happens next, and the one click that mends
it. One kind a module; each is a function that takes the shell and returns its problems, and where
that asks the database, `SOME` is a condition without which there are none: nearly always nothing
fails, which one question tells.
"""

from types import ModuleType
from typing import Final

from django.db import connection

from dashboard.attention import (
    accounts,
    disk,
    exports,
    floods,
    interrupted,
    media,
    quarantine,
    runs,
    switched_off,
    workers,
)
from dashboard.attention.problem import Action, Problem
from dashboard.attention.runs import failed_runs
from dashboard.shell import Shell

#: In the order in which they stand among their equals.
_KINDS = (
    workers,
    disk,
    accounts,
    runs,
    interrupted,
    exports,
    media,
    quarantine,
    switched_off,
    floods,
)

_SOME: Final = {
    kind: kind.SOME for kind in (runs, interrupted, exports, media, quarantine, switched_off)
}

_WORST_FIRST = {"bad": 0, "warn": 1}


def problems(shell: Shell) -> list[Problem]:
    """The worst first."""
    none = _none_of(shell)
    found = [problem for kind in _KINDS if kind not in none for problem in kind.problems(shell)]
    return sorted(found, key=lambda problem: _WORST_FIRST[problem.tone])


def _none_of(shell: Shell) -> set[ModuleType]:
    """The kinds of which there are none."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_SOME.values())}", {"workspace": shell.workspace.pk})
        return {kind for kind, some in zip(_SOME, cursor.fetchone(), strict=True) if not some}


__all__ = ["Action", "Problem", "failed_runs", "problems"]
