"""Django's connections from asyncio: a thread with a connection of its own."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from django.db import Error, connection

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """Calls functions one after the other in one thread, so that all share one connection.

    What runs when the waiting task is cancelled runs to its end; the connection is closed when
    the thread is left. One that broke is left behind: the error is raised, and the next call has
    another connection.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        context = contextvars.copy_context()  # so that what is logged there names the run, too
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: context.run(_call, lambda: function(*args, **kwargs))
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.submit(_close_own)
        await asyncio.to_thread(self._pool.shutdown)


def _call(work: Callable[[], T]) -> T:
    try:
        return work()
    except Error:
        connection.close_if_unusable_or_obsolete()
        raise


def _close_own() -> None:
    """`connection` means another one in each thread, so it is looked up in there."""
    connection.close()
