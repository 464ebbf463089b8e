"""What children print: short lines on the terminal, whole ones in rotated logs."""

import contextlib
import logging
import os
import shutil
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tgadmin.lib import logs

_LOG_BYTES = 10 * 2**20
_LOG_FILES = 3
_LINE_BYTES = 64 * 1024
"""A line that is longer is broken, so that output without line ends cannot fill the memory."""
_LINES_A_SECOND = 20
"""As many as a terminal can take of one child, be it in trouble."""


def say(text: str) -> None:
    """Print for the person at the terminal, who may have closed it."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


class ChildOutput:
    """The output of one child, across its restarts."""

    def __init__(self, name: str, log: Path, *, width: int, shown: bool = True) -> None:
        self.name = name
        self.log = log
        self.shown = shown
        self._prefix = f"{name:<{width}} | "
        self._rest = b""
        self._second, self._lines = 0.0, 0
        log.parent.mkdir(parents=True, exist_ok=True)
        self._handler = RotatingFileHandler(
            log, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8", errors="replace"
        )

    def feed(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._write(line.decode("utf-8", errors="replace").rstrip("\r"))

    def end(self) -> None:
        """Write what a child that has ended left without a line end."""
        if self._rest:
            self.feed(b"\n")

    def close(self) -> None:
        self.end()
        self._handler.close()

    def tail(self, lines: int = 15) -> str:
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _write(self, line: str) -> None:
        self._handler.emit(logging.makeLogRecord({"msg": line}))
        if not (self.shown and _is_for_people(line)) or self._is_flood():
            return
        width = shutil.get_terminal_size((200, 24)).columns if sys.stdout.isatty() else 200
        text = self._prefix + logs.readable(line)
        say(text if len(text) <= width else f"{text[: width - 1]}…")

    def _is_flood(self) -> bool:
        """Tell whether the terminal has seen enough of this child for now."""
        now = time.monotonic()
        if now - self._second >= 1:
            self._second, self._lines = now, 0
        self._lines += 1
        if self._lines == _LINES_A_SECOND:
            say(f"{self._prefix}… (all of it is in {self.log})")
        return self._lines >= _LINES_A_SECOND


def _is_for_people(line: str) -> bool:
    """Tell whether a line is more than a part of a traceback, which the log has whole."""
    between = ("Traceback (", "During handling of", "The above exception was")
    return bool(line.strip()) and not line[0].isspace() and not line.startswith(between)


def rotate_in_place(log: Path) -> None:
    """Cut a server's own log when it is long. The server goes on writing to the same file."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > _LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)  # it is open for appending, so it goes on at the start
