"""Become another program that ends when its parent does.

Run as ``python -I -S launch.py …`` between a supervisor and its child, so that the
supervisor needs no ``preexec_fn`` (which is unsafe once threads run). It needs nothing but the
standard library, and on Linux the process id stays the same, because it ends in ``execv``.

Order matters: PR_SET_PDEATHSIG is cleared by a change of user, so it comes last, and the parent
may have died before it was set, so that is looked at afterwards.
"""

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NAMESPACE_UID = 1000
"""What root is called inside the user namespace: anything but 0 will do."""


def enter_user_namespace() -> None:
    """Map the present user (root) to an ordinary one.

    PostgreSQL refuses the effective user id 0. Inside the namespace it sees 1000; outside
    nothing changes, so files stay owned by root (user_namespaces(7)).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NAMESPACE_UID} {uid} 1"),
        ("gid_map", f"{NAMESPACE_UID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - as early and as plain as can be
            file.write(text)


def become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(parent: int, signal_number: int) -> None:
    """Ask the kernel for a signal when the parent's thread ends (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit("The program that asked for this one has ended.")


def give_way(steps: int) -> None:
    """Let others have the processor first (nice(2)). Linux may share it out by session before it
    looks at single processes (sched(7), autogroup): a session of its own is put back, too.
    """
    os.nice(steps)
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(str(steps))
    except OSError:
        pass  # not Linux, a kernel without it, or a container that may not


def watch(command: list[str], *, parent: int, die_with: int) -> int:
    """Stay, run the command as a child, and stop it when the parent ends.

    For systems without PR_SET_PDEATHSIG (macOS). The parent is watched by asking for its id: when
    it ends, this process is handed to another. Signals are passed on.
    """
    awake, wake = os.pipe()
    for descriptor in (awake, wake):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    child = subprocess.Popen(command)
    while child.poll() is None:
        readable, _, _ = select.select([awake], [], [], 0.5)
        for received in os.read(awake, 64) if readable else b"":
            if received != signal.SIGCHLD:
                child.send_signal(received)
        if os.getppid() != parent:
            child.send_signal(die_with)
            child.wait()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, required=True, dest="die_with")
    parser.add_argument("--namespace", action="store_true")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--watch", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    try:
        if options.namespace:
            enter_user_namespace()
        elif options.uid is not None:
            become(options.uid, options.gid)
        if options.nice:
            give_way(options.nice)
        if options.watch:
            return watch(options.command, parent=options.parent, die_with=options.die_with)
        die_with_parent(options.parent, options.die_with)
        os.execv(options.command[0], options.command)  # noqa: S606 - this is what it is for
    except OSError as error:
        print(f"Cannot start {options.command[0]}: {error}", file=sys.stderr)  # noqa: T201
        return 126


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
