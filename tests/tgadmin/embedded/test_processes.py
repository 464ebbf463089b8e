"""Children that do not outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tgadmin.running import BASE
from tgadmin.embedded import processes

ENVIRONMENT = {"PATH": os.defpath}

PARENT = """
import signal, subprocess, sys, time
from tgadmin.embedded.processes import launch_command
child = subprocess.Popen(
    launch_command([sys.executable, "-c", {child!r}], die_with=signal.SIGTERM, watch={watch}),
    stdout=subprocess.PIPE, text=True,
)
print(child.pid, child.stdout.readline().strip(), flush=True)
time.sleep(60)
"""
CHILD = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


@pytest.mark.parametrize("watch", [False, True])
def test_a_child_ends_when_its_parent_is_killed(watch: bool) -> None:
    """By PR_SET_PDEATHSIG, and by the watcher that stands in for it on macOS."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT.format(child=CHILD, watch=watch)],
        cwd=BASE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout
        launched, child = map(int, parent.stdout.readline().split())
        assert (launched != child) == watch
        assert processes.is_alive(child)
        parent.kill()
    assert processes.wait_until(
        lambda: not processes.is_alive(child) and not processes.is_alive(launched), seconds=20
    )


def test_a_watched_child_gets_signals_and_gives_its_exit_code() -> None:
    program = "import signal, sys; signal.signal(15, lambda *_: sys.exit(7)); print(1, flush=True); signal.pause()"
    with subprocess.Popen(
        processes.launch_command(
            [sys.executable, "-c", program], die_with=signal.SIGKILL, watch=True
        ),
        stdout=subprocess.PIPE,
    ) as watcher:
        assert watcher.stdout
        watcher.stdout.readline()
        watcher.terminate()
        assert watcher.wait(5) == 7


def test_a_child_whose_parent_is_gone_before_it_looks_does_not_start() -> None:
    command = processes.launch_command(["/bin/echo", "started"], die_with=signal.SIGKILL)
    other = [part.replace(f"--parent={os.getpid()}", "--parent=1") for part in command]
    answer = subprocess.run(other, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (1, "")


def test_a_program_that_is_not_there_is_told() -> None:
    command = processes.launch_command(["/nowhere/postgres"], die_with=signal.SIGKILL)
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 126
    assert "Cannot start /nowhere/postgres" in answer.stderr


def test_a_zombie_counts_as_dead() -> None:
    with subprocess.Popen(["/bin/true"]) as ended:
        time.sleep(0.2)  # it has ended, and nobody has waited for it
        os.kill(ended.pid, 0)  # the process id is still there
        assert not processes.is_alive(ended.pid)


def test_this_process_is_alive_and_an_unused_number_is_not() -> None:
    assert processes.is_alive(os.getpid())
    assert not processes.is_alive(2**22 - 1)


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with (tmp_path / "log").open("wb") as log:
        process = processes.spawn(
            [sys.executable, "-c", deaf], die_with=signal.SIGKILL, output=log, env=ENVIRONMENT
        )
    processes.wait_until(lambda: (tmp_path / "log").stat().st_size > 0, seconds=5)
    processes.stop(process, with_signal=signal.SIGTERM, seconds=0.2)
    assert process.returncode == -signal.SIGKILL


def test_a_child_leaves_the_processor_to_others() -> None:
    """By itself, and where Linux shares it out by session, as a session."""
    file = Path("/proc/self/autogroup")
    program = (
        f"import os; print(os.nice(0)); print(open('{file}').read() if {file.exists()} else '')"
    )
    child = processes.spawn(
        [sys.executable, "-c", program],
        die_with=signal.SIGKILL,
        output=subprocess.PIPE,
        env=ENVIRONMENT,
        nice=7,
    )
    told = child.communicate(timeout=10)[0].decode()
    assert told.startswith(f"{os.nice(0) + 7}\n")
    assert " nice 7" in told or not file.exists()
