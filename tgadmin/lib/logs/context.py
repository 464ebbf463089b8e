"""Which run, account or channel a line is about, without every caller saying so.

An id is a number, or the name of one of ours, such as a backfill.
"""

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar

_ids: ContextVar[tuple[tuple[str, int | str], ...]] = ContextVar("log_ids", default=())


@contextlib.contextmanager
def bound(**ids: int | str) -> Iterator[None]:
    """Put these ids into every line that is logged inside, also by the tasks started there."""
    token = _ids.set((*_ids.get(), *ids.items()))
    try:
        yield
    finally:
        _ids.reset(token)


def bind(**ids: int | str) -> None:
    """Add ids that became known; they go with the `bound` around it, and without one nowhere."""
    if _ids.get():
        _ids.set(tuple({**dict(_ids.get()), **ids}.items()))


class ContextFilter(logging.Filter):
    """Adds `ids`, a dict such as `{"run": 17, "account": 2}`, to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.ids = dict(_ids.get())
        return True
