"""What fails, each with its cause, what is safe, what happens next, and the one click that mends
it. One kind a module; each is a function that takes the shell and returns its problems.
"""

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

_WORST_FIRST = {"bad": 0, "warn": 1}


def problems(shell: Shell) -> list[Problem]:
    """The worst first."""
    found = [problem for kind in _KINDS for problem in kind.problems(shell)]
    return sorted(found, key=lambda problem: _WORST_FIRST[problem.tone])


__all__ = ["Action", "Problem", "failed_runs", "problems"]
