"""Processes that do not outlive each other, and what another one may know of them."""

import ctypes
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that forked it ends.

    Call it in the child, after any change of user (which clears it): prctl(2). Linux only; other
    systems notice a dead parent by their lease.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent or parent == 1:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def machine() -> str:
    """This machine as process ids count in it: name, boot, and namespace of process ids.

    Two machines may have one name; a process id means something only where all three agree.
    """
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return "/".join(parts)


def own_name() -> str:
    """Who we are, for `is_known_dead`: machine and process."""
    return f"{machine()}:{os.getpid()}"


def can_tell_the_dead() -> bool:
    """Whether names tell machines apart: not elsewhere than on Linux."""
    return machine().count("/") == 2


def is_known_dead(name: str) -> bool:
    """Whether a process that called itself so was one of this machine and is no more."""
    where, _, pid = name.rpartition(":")
    return can_tell_the_dead() and where == machine() and not _is_alive(pid)


def _is_alive(pid: str) -> bool:
    """Whether the process is there and no zombie (proc(5): the state follows the name)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
