"""A clock that the test moves; sleeping moves it, too."""

import asyncio

import pytest


class Time:
    """Starts at `start`; `asyncio.sleep` returns at once and moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: float = 0.0) -> None:
        self.now = start
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now
