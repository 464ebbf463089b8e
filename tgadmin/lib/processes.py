"""Processes that do not outlive each other."""

import ctypes
import os
import signal
import sys

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
