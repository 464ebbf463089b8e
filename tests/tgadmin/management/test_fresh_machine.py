"""From a copy of the repository to a running archive, as somebody without rights would do it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tgadmin.running import BASE, environment, free_port, wait_for_none

NOBODY = 65534


@pytest.fixture
def copy() -> Iterator[Path]:
    """Return a copy of the repository in a folder that everybody may reach, owned by nobody."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="a fresh copy ") as folder:
        Path(folder).chmod(0o755)
        base = Path(folder) / "tgadmin"
        ignored = shutil.ignore_patterns(".git", ".venv", ".data*", "__pycache__", ".*_cache")
        shutil.copytree(BASE, base, ignore=ignored)
        for path in [base, *base.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        yield base


def _system_python() -> str:
    for minor in range(14, 10, -1):
        program = f"/usr/bin/python3.{minor}"
        if Path(program).exists():
            return program
    pytest.skip("no Python 3.11 or newer that every user may run")


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="root becomes nobody")
def test_up_installs_and_starts_as_an_ordinary_user(copy: Path) -> None:
    settings = environment(HOME="", PATH=os.defpath)
    del settings["TGADMIN_NO_VENV"]
    port = free_port()
    with subprocess.Popen(
        [
            *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
            *(_system_python(), "manage.py", "up", "--port", str(port), "--workers", "1"),
        ],
        cwd=copy,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as up:
        assert up.stdout
        text = ""
        for line in up.stdout:
            text += line
            if line.startswith("tgadmin is ready"):
                break
        else:
            if "Check the network" in text:
                pytest.skip("no packages without network")
            raise AssertionError(text)
        up.terminate()
        assert up.wait(12) == 0
    data = copy / ".data"
    assert not wait_for_none(data, seconds=1)
    assert {path.stat().st_uid for path in [data, *data.rglob("*")]} == {NOBODY}
    assert (copy / ".venv" / "tgadmin-installed.json").exists()
