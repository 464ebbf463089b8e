"""Starting, watching and ending processes that must not outlive the one that started them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from tgadmin.embedded.identity import Identity

_LAUNCH = Path(__file__).with_name("launch.py")

Output = IO[bytes] | int


def launch_command(
    command: Sequence[str | Path],
    *,
    die_with: signal.Signals,
    identity: Identity | None = None,
    watch: bool | None = None,
    nice: int = 0,
) -> list[str]:
    """Return the command line that runs `command` as a child that ends with this process.

    `die_with` is the signal it gets when the thread that started it ends, so start processes
    from a thread that lives as long as they should: the main one. `nice`: by how many steps it
    leaves the processor to others.
    """
    watch = not sys.platform.startswith("linux") if watch is None else watch
    return [
        sys.executable,
        "-I",
        "-S",
        str(_LAUNCH),
        f"--parent={os.getpid()}",
        f"--signal={int(die_with)}",
        *(identity.arguments() if identity else []),
        *([f"--nice={nice}"] if nice else []),
        *(["--watch"] if watch else []),
        "--",
        *map(str, command),
    ]


def spawn(
    command: Sequence[str | Path],
    *,
    die_with: signal.Signals,
    output: Output,
    env: Mapping[str, str],
    cwd: Path | None = None,
    identity: Identity | None = None,
    stdin: int = subprocess.DEVNULL,
    nice: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: Ctrl-C in the terminal is the supervisor's to pass on."""
    return subprocess.Popen(
        launch_command(command, die_with=die_with, identity=identity, nice=nice),
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
    )


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not waited for (zombie) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _state(pid) not in {"Z", "X"}


def _state(pid: int) -> str:
    """Return the state letter of proc_pid_stat(5), or of ps(1) where there is no /proc."""
    if sys.platform.startswith("linux"):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "X"
        # The name in parentheses may itself hold parentheses and spaces.
        return stat.rpartition(")")[2].split()[0]
    answer = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()[:1] or "X"


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Poll until the condition holds; False when the time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


def stop(process: subprocess.Popen[bytes], *, with_signal: signal.Signals, seconds: float) -> None:
    """Ask a child to end, and kill it when it has not after `seconds`."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(with_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
