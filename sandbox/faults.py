"""What goes wrong, by script: per method, channel and account, so many times.

Kinds, with their parameters:

``flood_wait`` (`seconds`; with `hold`, matching requests are refused until the wait is
over, however many) · ``error`` (`error`, `code`) · ``internal`` (RPC 500) · ``slow``
(`seconds`) · ``silent`` (no answer at all) · ``drop_before`` (the connection ends before
anything is done) · ``drop_half`` (in the middle of the answer) · ``drop_after`` (right
after it) · ``auth_key_duplicated`` (kills the key for good) · ``garbled`` (a message that
no client can parse; `ids`, or the first of the page) · ``empty_page`` · ``missing``
(the page without `ids`, or without every second message) · ``limit`` (FLOOD_WAIT for an
account that asks more than `requests` times in `seconds`, with `penalty` and `growth` as in
`sandbox.limits`; it never wears off) · ``short_part``, ``long_part``, ``wrong_part`` (half of a
part of a file, more than all of it, other bytes). Any other kind that is the name of an error,
``channel_private`` for instance, answers with that error.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.limits import Limit
from sandbox.rpc.errors import RpcFailure, named
from sandbox.tl.message import Raw

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel

PAGES = {"garbled", "empty_page", "missing"}
FILES = {"short_part", "long_part", "wrong_part"}
LINES = {"slow", "silent", "drop_before", "drop_half", "drop_after"}
GARBAGE = b"\xde\xad\xbe\xef"


@dataclass(slots=True)
class Fault:
    """One line of the script; `count` is how often it still happens (None: always)."""

    kind: str
    method: str = "*"
    count: int | None = 1
    skip: int = 0
    account: str | None = None
    channel: int | None = None
    seconds: float = 0
    requests: int = 0
    penalty: float = 0
    growth: float = 1
    hold: bool = False
    error: str | None = None
    code: int | None = None
    ids: list[int] = field(default_factory=list)
    id: int = 0
    hits: int = 0
    until: float = 0
    limit: Limit | None = None

    def __post_init__(self) -> None:
        if self.kind == "limit":
            self.count = None
            self.limit = Limit(self.requests, self.seconds, self.penalty, self.growth)

    @property
    def over(self) -> bool:
        return self.count == 0 and time.monotonic() >= self.until

    def matches(self, method: str, phone: str | None, channel_id: int | None) -> bool:
        if self.method not in {"*", method} or self.over:
            return False
        if self.account is not None and self.account != phone:
            return False
        return self.channel is None or self.channel == channel_id

    def exceeded(self, phone: str | None) -> bool:
        """Counts a request of an account; tells whether it was one too many."""
        now = time.monotonic()
        wait = self.limit.ask(phone, now) if self.limit else 0.0
        if not wait:
            return False
        self.hits += 1
        self.until = now + wait
        return True

    def take(self) -> bool:
        """Counts a matching request; tells whether the fault happens to it."""
        if self.until and time.monotonic() < self.until:
            return True
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None:
            if self.count <= 0:
                return False
            self.count -= 1
        self.hits += 1
        if self.hold and self.seconds:
            self.until = time.monotonic() + self.seconds
        return True

    def failure(self) -> RpcFailure:
        """The error that this fault answers with."""
        if self.kind in {"flood_wait", "limit"}:
            left = self.until - time.monotonic() if self.until else self.seconds
            return named(f"FLOOD_WAIT_{max(1, math.ceil(left))}")
        if self.kind == "internal":
            return named(self.error or "INTERNAL", self.code or 500)
        return named(self.error or self.kind.upper(), self.code)


class FaultBook:
    """The script; the first line that matches a request happens to it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next = 1

    def add(self, fault: Fault) -> Fault:
        fault.id = self._next
        self._next += 1
        self._faults.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> int:
        """Removes one fault or all; tells how many that were."""
        before = len(self._faults)
        self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]
        return before - len(self._faults)

    def active(self) -> list[Fault]:
        return [fault for fault in self._faults if not fault.over]

    def next(self, method: str, phone: str | None, channel_id: int | None) -> Fault | None:
        """The fault that happens to a request now; page faults wait for the page."""
        for fault in self._faults:
            if fault.kind in PAGES | FILES:
                continue
            if not fault.matches(method, phone, channel_id):
                continue
            if fault.exceeded(phone) if fault.kind == "limit" else fault.take():
                return fault
        return None

    def file(self, call: Call, data: bytes) -> bytes:
        """A part of a file after faults that cut, lengthen or change it."""
        for fault in self._pages_of(call, FILES):
            if fault.take():
                call.entry["fault"] = fault.kind
                if fault.kind == "short_part":
                    return data[: len(data) // 2]
                if fault.kind == "long_part":
                    return data + b"more"
                return bytes(byte ^ 0x55 for byte in data[:64]) + data[64:]
        return data

    def _pages_of(self, call: Call, kinds: set[str]) -> list[Fault]:
        phone = call.account.phone
        return [
            fault
            for fault in self._faults
            if fault.kind in kinds and fault.matches(call.name, phone, fault.channel)
        ]

    def page(self, call: Call, channel: Channel, ids: list[int]) -> list[int]:
        """The ids of a page after faults that empty it or take messages out."""
        for fault in self._pages(call, channel, {"empty_page", "missing"}):
            if fault.ids and not set(fault.ids) & set(ids):
                continue
            if not fault.take():
                continue
            call.entry["fault"] = fault.kind
            if fault.kind == "empty_page":
                return []
            if fault.ids:
                return [i for i in ids if i not in fault.ids]
            return ids[::2]
        return ids

    def garbled(self, call: Call, channel: Channel, ids: list[int]) -> set[int]:
        """Which messages of an answer come broken."""
        for fault in self._pages(call, channel, {"garbled"}):
            hit = set(fault.ids) & set(ids) if fault.ids else set(ids[:1])
            if hit and fault.take():
                call.entry["fault"] = fault.kind
                return hit
        return set()

    @staticmethod
    def garble(raw: Raw) -> Raw:
        """The message under a constructor that no layer has."""
        return Raw(GARBAGE + raw.data[4:])

    def _pages(self, call: Call, channel: Channel, kinds: set[str]) -> list[Fault]:
        phone = call.account.phone
        return [
            fault
            for fault in self._faults
            if fault.kind in kinds and fault.matches(call.name, phone, channel.info.id)
        ]
