"""What was asked of Telegram again, and which kill explains it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

HISTORY: Final = "messages.getHistory"

Entry = dict[str, Any]


@dataclass(frozen=True)
class Shot:
    """A kill that ended a connection of this account: what it had asked may be asked again."""

    after_request: int
    what: str


def asked_again(
    log: Iterable[Entry], laps: Sequence[int], shots: Sequence[Shot], batch: int
) -> list[int]:
    """For each shot, how many batches (of so many messages) were asked for again that the
    connection which it ended had asked for; what no shot explains fails.

    `log` are an account's requests; each lap begins after the request with its number. The
    connection tells what a shot ended, and not the time: after a kill of PostgreSQL a horse may
    ask for one more page before it hears of it.
    """
    reads = [entry for entry in log if entry["method"] == HISTORY]
    again = _pages_again(reads, laps)
    ends = _ends(reads, shots, again)
    return [batches_of(again.get(ends.get(number, 0), []), batch) for number in range(len(shots))]


def _pages_again(reads: list[Entry], laps: Sequence[int]) -> dict[int, list[int]]:
    """By connection: the sizes of the pages that it got, and that were asked for after it."""
    again: dict[int, list[int]] = {}
    for start, end in zip(laps, [*laps[1:], 1 << 60], strict=True):
        brought_by: dict[int, int] = {}
        for entry in reads:
            if entry["answer"] != "ok" or not start < entry["seq"] <= end:
                continue
            before = {brought_by[one] for one in entry["ids"] if one in brought_by}
            if before:
                last = max(before)
                assert last != entry["connection"], f"asked twice over one connection: {entry}"
                again.setdefault(last, []).append(len(entry["ids"]))
            brought_by.update(dict.fromkeys(entry["ids"], entry["connection"]))
    return again


def _ends(reads: list[Entry], shots: Sequence[Shot], again: dict[int, list[int]]) -> dict[int, int]:
    """By shot: the connection that it ended. It was sent after the connection before was of no
    use any more, and before the next one was.
    """
    first = {entry["connection"]: entry["seq"] for entry in reversed(reads)}
    last = {entry["connection"]: entry["seq"] for entry in reads}
    order = list(last)
    ends: dict[int, int] = {}
    for place, connection in enumerate(order):
        if connection not in again:
            continue
        since = last[order[place - 1]] if place else 0
        until = first[order[place + 1]]
        found = [
            number
            for number, shot in enumerate(shots)
            if number not in ends and since <= shot.after_request < until
        ]
        assert found, f"connection {connection} was asked over again for no reason: {shots}"
        ends[found[-1]] = connection
    return ends


def batches_of(pages: list[int], size: int) -> int:
    """Into how many batches pages with so many messages go: one is written when it is full, so a
    short page (the rest of a gap) travels with the next one.
    """
    count, filled = 0, 0
    for messages in pages:
        count += filled == 0
        filled += messages
        if filled >= size:
            filled = 0
    return count
