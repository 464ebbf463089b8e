"""Every request that came, in memory and in a JSONL file.

An entry: `seq` (1, 2, 3, …, over restarts), `time`, `connection`, `key` (short id of the
auth key), `account` (phone), `method`, `channel` (marked id) and `username`, `params`,
`answer` (``ok``, ``error``, ``dropped``, ``silent``), `error`, `fault`, `ids` returned.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = 200_000


class RequestLog:
    """Appends; written before the answer is sent."""

    def __init__(self, path: Path) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()
        if path.exists():
            for entry in _read(path):
                self._remember(entry)
        self._seq = self._entries[-1]["seq"] if self._entries else 0
        self._file = path.open("ab", buffering=0)

    def close(self) -> None:
        self._file.close()

    def add(self, entry: dict[str, Any]) -> None:
        """Numbers an entry and writes it."""
        self._seq += 1
        entry["seq"] = self._seq
        entry["time"] = time.time()
        self._remember(entry)
        self._file.write(orjson.dumps(entry) + b"\n")

    @property
    def last(self) -> int:
        return self._seq

    def since(self, seq: int, method: str | None = None) -> list[dict[str, Any]]:
        """Entries with a number above `seq`, oldest first, of one method or of all."""
        out = []
        for entry in reversed(self._entries):
            if entry["seq"] <= seq:
                break
            if method is None or entry["method"] == method:
                out.append(entry)
        out.reverse()
        return out

    def _remember(self, entry: dict[str, Any]) -> None:
        self._entries.append(entry)
        self.counts[entry["method"]] += 1


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a file; a line that a kill cut short is left out."""
    with path.open("rb") as file:
        for line in file:
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                continue


def params(request: Any) -> dict[str, Any]:
    """The plain parameters of a request: numbers, texts, dates (Unix), ids, peers."""
    out: dict[str, Any] = {}
    for name, value in vars(request).items():
        made = _plain(value)
        if made is not None:
            out[name] = made
    return out


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "timestamp"):
        return int(value.timestamp())
    for name in ("channel_id", "user_id", "id"):
        found = getattr(value, name, None)
        if isinstance(found, int):
            return found
    return None
