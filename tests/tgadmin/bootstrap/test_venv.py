"""The virtual environment: made once, kept in step, never left half made."""

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.tgadmin.bootstrap.checkout import Checkout
from tests.tgadmin.running import BASE, environment
from tgadmin.bootstrap.errors import SetupError
from tgadmin.embedded.processes import is_alive, wait_until

pytestmark = pytest.mark.slow


def asked(fake_uv: Path) -> list[str]:
    file = fake_uv / "asked"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


class TestWithUv:
    def test_a_fresh_one_is_made_with_pinned_hashes(
        self, checkout: Checkout, fake_uv: Path
    ) -> None:
        venv = checkout.venv()
        venv.prepare()
        assert subprocess.run([venv.python, "-c", ""], check=False).returncode == 0
        (call,) = asked(fake_uv)
        assert "--require-hashes" in call
        assert f"-r {checkout.base}/requirements.txt" in call
        assert "requirements-test" not in call

    def test_the_next_start_installs_nothing(self, checkout: Checkout, fake_uv: Path) -> None:
        checkout.venv().prepare()
        checkout.venv().prepare()
        assert len(asked(fake_uv)) == 1

    def test_changed_requirements_are_installed(self, checkout: Checkout, fake_uv: Path) -> None:
        checkout.venv().prepare()
        checkout.require("requirements.txt", "small_package", "2.0")
        checkout.venv().prepare()
        checkout.venv().prepare()
        assert len(asked(fake_uv)) == 2

    def test_the_tests_bring_their_own_and_keep_them(
        self, checkout: Checkout, fake_uv: Path
    ) -> None:
        checkout.venv().prepare()
        checkout.venv(tests=True).prepare()
        checkout.venv().prepare()
        assert len(asked(fake_uv)) == 2
        assert "requirements-test.txt" in asked(fake_uv)[1]
        checkout.require("requirements-test.txt", "pytest", "2.0")
        checkout.venv().prepare()
        assert "requirements-test.txt" in asked(fake_uv)[2]

    def test_one_made_by_others_is_filled_not_replaced(
        self, checkout: Checkout, fake_uv: Path
    ) -> None:
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", checkout.base / ".venv"], check=True
        )
        (checkout.base / ".venv" / "mine").touch()
        checkout.venv().prepare()
        assert (checkout.base / ".venv" / "mine").exists()

    def test_an_interrupted_install_is_made_anew(self, checkout: Checkout, fake_uv: Path) -> None:
        venv = checkout.venv()
        venv.prepare()
        venv.marker.touch()
        (venv.folder / "half a package").touch()
        checkout.venv().prepare()
        assert len(asked(fake_uv)) == 2
        assert not (venv.folder / "half a package").exists()
        assert not venv.marker.exists()

    def test_a_python_that_went_away_is_replaced(self, checkout: Checkout, fake_uv: Path) -> None:
        venv = checkout.venv()
        venv.prepare()
        venv.python.unlink()
        venv.python.symlink_to("/nowhere/python3")
        checkout.venv().prepare()
        assert subprocess.run([venv.python, "-c", ""], check=False).returncode == 0

    def test_two_starts_install_once(
        self, checkout: Checkout, fake_uv: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (fake_uv / "does").write_text("sleep 1\n", encoding="utf-8")
        first = threading.Thread(target=checkout.venv().prepare)
        first.start()
        while not asked(fake_uv):
            pass
        checkout.venv().prepare()
        first.join()
        assert len(asked(fake_uv)) == 1
        assert "Another start is installing" in capsys.readouterr().out

    def test_an_installer_ends_with_the_start_that_was_killed(
        self, checkout: Checkout, fake_uv: Path
    ) -> None:
        """Else it would go on writing into what the next start makes anew."""
        pid = fake_uv / "pid"
        does = f'echo $$ > "{pid}.new" && mv "{pid}.new" "{pid}"; exec sleep 60\n'
        (fake_uv / "does").write_text(does, encoding="utf-8")
        settings = environment()
        del settings["TGADMIN_NO_VENV"]
        with subprocess.Popen(
            [sys.executable, "manage.py"], cwd=checkout.base, env=settings
        ) as start:
            assert wait_until(pid.exists, seconds=10)
            start.kill()
        installer = int(pid.read_text(encoding="ascii"))
        assert wait_until(lambda: not is_alive(installer), seconds=5)
        assert checkout.venv().marker.exists(), "so the next start makes it anew"


class TestWhatGoesWrong:
    def test_without_network_nothing_is_left(self, checkout: Checkout, fake_uv: Path) -> None:
        (fake_uv / "does").write_text("echo 'error: dns error'; exit 2\n", encoding="utf-8")
        with pytest.raises(SetupError, match="Check the network"):
            checkout.venv().prepare()
        assert not checkout.venv().folder.exists()

    def test_without_network_what_was_there_stays(self, checkout: Checkout, fake_uv: Path) -> None:
        venv = checkout.venv()
        venv.prepare()
        (venv.folder / "packages").touch()
        checkout.require("requirements.txt", "small_package", "2.0")
        (fake_uv / "does").write_text("echo 'error: dns error'; exit 2\n", encoding="utf-8")
        with pytest.raises(SetupError, match="Check the network"):
            checkout.venv().prepare()
        (fake_uv / "does").unlink()
        checkout.venv().prepare()
        assert (venv.folder / "packages").exists()

    def test_no_space(
        self, checkout: Checkout, fake_uv: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**20))
        with pytest.raises(SetupError, match="5 MB are free"):
            checkout.venv().prepare()
        assert not checkout.venv().folder.exists()

    def test_no_permission(
        self, checkout: Checkout, fake_uv: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        with pytest.raises(SetupError, match="you may not write there"):
            checkout.venv().prepare()

    def test_debian_without_the_venv_package(
        self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", os.defpath)
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
        with pytest.raises(SetupError, match=r"sudo apt install python3\.\d+-venv"):
            checkout.venv().prepare()
        assert not checkout.venv().folder.exists()


class TestWindows:
    def test_it_is_told_before_anything_that_windows_lacks(self, checkout: Checkout) -> None:
        code = (
            "import sys, runpy; sys.platform = 'win32'; sys.modules['fcntl'] = None; "
            "sys.modules['pwd'] = None; sys.argv = ['manage.py', 'up']; "
            f"runpy.run_path({str(checkout.base / 'manage.py')!r}, run_name='__main__')"
        )
        answer = subprocess.run(
            [sys.executable, "-c", code],
            cwd=checkout.base,
            env=environment(TGADMIN_NO_VENV=""),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 1
        assert "WSL2" in answer.stderr
        assert "Traceback" not in answer.stderr


class TestOldPython:
    def test_it_is_told_what_it_needs(self) -> None:
        code = (
            "import sys, runpy; sys.version_info = (3, 9, 2, 'final', 0); "
            f"runpy.run_path({str(BASE / 'manage.py')!r}, run_name='__main__')"
        )
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert answer.returncode == 1
        assert b"needs Python 3.11 or newer, and this is Python 3.9.2" in answer.stderr

    def test_it_can_read_the_file(self) -> None:
        """An old Python fails at compiling, before any check, when there is new syntax."""
        programs = {
            path
            for name in ("python2.7", "python3.6", "python3.8", "python3.10")
            for path in [shutil.which(name), *Path.home().glob(f".pyenv/versions/*/bin/{name}")]
            if path
        }
        if not programs:
            pytest.skip("no old Python here")
        for program in programs:
            answer = subprocess.run(
                [program, BASE / "manage.py", "up"], capture_output=True, check=False, cwd="/"
            )
            if b"pyenv:" not in answer.stderr:
                assert b"tgadmin needs Python 3.11" in answer.stderr


class TestWithPip:
    """The real thing, offline: packages from a folder."""

    def test_from_nothing_to_the_command(self, checkout: Checkout) -> None:
        answer = checkout.manage("test", "-k", "a b", "--data")
        assert answer.returncode == 0, answer.stderr
        venv = checkout.base / ".venv"
        assert answer.stdout.endswith(
            f"{venv} {checkout.base} ['-n', 'auto', '--dist', 'loadfile', '--no-loadscope-reorder', '-k', 'a b', '--data']\n"
        )

    @pytest.mark.parametrize("home", ["", "/nonexistent"])
    def test_without_a_home(self, checkout: Checkout, home: str) -> None:
        answer = checkout.manage("test", HOME=home, PIP_USER="1", PYTHONHOME="")
        assert answer.returncode == 0, answer.stderr

    def test_again_without_any_index(self, checkout: Checkout) -> None:
        assert checkout.manage("test").returncode == 0
        shutil.rmtree(checkout.wheels)
        answer = checkout.manage("test", "again")
        assert answer.stdout.endswith("'--no-loadscope-reorder', 'again']\n")
        assert "Installing" not in answer.stdout

    def test_a_wrong_hash_is_refused(self, checkout: Checkout) -> None:
        file = checkout.base / "requirements.txt"
        file.write_text(f"small_package==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
        answer = checkout.manage("test")
        assert answer.returncode == 1
        assert "not the one that requirements.txt names" in answer.stderr
        assert not (checkout.base / ".venv").exists()
