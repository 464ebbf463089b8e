"""What a check says."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    #: Works, and should be looked at.
    WARN = "warn"
    #: Something does not work.
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and what to do where something is to be done."""

    level: Level
    text: str
    todo: str = ""
    #: Its name among the checks.
    check: str = ""


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def warn(text: str, todo: str) -> Finding:
    return Finding(Level.WARN, text, todo)


def fail(text: str, todo: str) -> Finding:
    return Finding(Level.FAIL, text, todo)
