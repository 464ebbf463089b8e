"""What is killed, at which moment, and how the work went on."""

from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What is killed."""

    HORSE = "horse"
    WORKER = "worker"
    WEB = "web"
    VALKEY = "Valkey"
    POSTGRES = "PostgreSQL"


class Phase(StrEnum):
    """What the worker was doing."""

    #: Telegram has the request, its answer is on the way.
    FETCHING = "fetching"
    #: In the transaction: rows are written, and not committed.
    WRITING = "writing"
    #: The batch is committed, and its worker has hardly heard of it.
    COMMITTED = "committed"
    #: Telegram asked for a pause, inside a slice or between two.
    WAITING = "waiting"
    #: A person asked for a pause, and the worker is about to make it.
    STOPPING = "stopping"
    #: Whatever it was.
    ANYWHEN = "any"


class Missed(Exception):
    """The moment was over before the kill."""


@dataclass
class Recovery:
    """What is waited for after a kill: that another slice (of an interrupted run) writes."""

    target: Target
    since: float
    slices: int
    committed: int
