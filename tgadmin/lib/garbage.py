"""When Python looks for objects that only name each other: seldom, and never among what stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_alone() -> Iterator[None]:
    """A slice makes millions of objects that are freed by their reference counts. Looking for
    cycles among them again and again took a third of its time, and found next to none.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def settle() -> None:
    """All that was loaded by now stays for ever. Looking through it again and again, every 700 new
    objects, takes a tenth of the time of a page; what is forked from here on shares it, too.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
