import os
import stat
from pathlib import Path

import pytest

from tests.tgadmin.bootstrap.checkout import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a fresh checkout: manage.py, the set-up, and requirements of its own."""
    return Checkout.make(tmp_path / "my checkout")


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a uv on the PATH that does what the file `does` says, and writes down what it was asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "uv"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> "{folder}/asked"\n[ ! -f "{folder}/does" ] || . "{folder}/does"\n',
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder
