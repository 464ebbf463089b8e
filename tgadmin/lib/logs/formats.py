"""A line for people, or an object for programs. Both are scrubbed as a whole, when message,
arguments, traceback and all have become text: nothing gets around it.
"""

import logging
from datetime import UTC, datetime

import orjson

from tgadmin.lib.logs.scrub import scrub


class TextFormatter(logging.Formatter):
    """`2026-05-01 09:30:00,123 WARNING ingestion.sync: run=17 account=2: Telegram says …`."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {prefix}{message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        words = " ".join(f"{name}={number}" for name, number in _ids(record).items())
        record.prefix = f"{words}: " if words else ""
        return scrub(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (ISO 8601, UTC), level, logger, message, the ids of the work,
    and `error` with the traceback where there is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
            **_ids(record),
        }
        if record.exc_info:
            told["error"] = scrub(self.formatException(record.exc_info))
        return orjson.dumps(told, default=str).decode()


def readable(line: str) -> str:
    """A line of a log as a terminal shows it: words, also where the log is JSON."""
    if not line.startswith('{"time":'):
        return line
    try:
        told = orjson.loads(line)
        moment = datetime.fromisoformat(told.pop("time"))
        head = f"{moment:%Y-%m-%d %H:%M:%S} {told.pop('level')} {told.pop('logger')}: "
        message, error = told.pop("message"), told.pop("error", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return line
    words = " ".join(f"{name}={number}" for name, number in told.items())
    last = error.strip().splitlines()[-1:]
    return head + ": ".join(part for part in (words, message, *last) if part)


def _ids(record: logging.LogRecord) -> dict[str, int | str]:
    """What `ContextFilter` put there; nothing in a record that did not pass it."""
    ids: dict[str, int | str] = getattr(record, "ids", {})
    return ids
