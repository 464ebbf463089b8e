"""The virtual environment beside manage.py, kept in step with the requirements files.

What is installed is written down in a stamp inside it, last. A marker lies there while an install
runs: where one is found, an install was interrupted, and packages may be half there, so the
environment is made anew.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tgadmin.bootstrap import explain, installer
from tgadmin.bootstrap.errors import SetupError

_OLDEST = (3, 11)
_SPACE_NEEDED = 700 * 2**20
"""Bytes; the packages unpacked take 400 MB with those of the tests, and downloads their own."""


class Venv:
    """`.venv` of a checkout, for running it or for running its tests too."""

    def __init__(self, base: Path, *, tests: bool) -> None:
        self.base = base
        self.folder = base / ".venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "tgadmin-installed.json"
        self.marker = self.folder / "tgadmin-installing"
        self.tests = tests

    def is_active(self) -> bool:
        """Tell whether this process already runs in it."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def prepare(self) -> None:
        """Make it or bring it up to date; returns at once when it is as it should be."""
        if self._is_current():
            return
        explain.check_platform()
        with self._lock():
            if not self._is_current():  # another start may have done it while this one waited
                self._install()

    def _requirements(self) -> dict[str, str]:
        """Return the files to install from and the hashes of their contents.

        Test packages stay once they are installed, so they are kept in step from then on.
        """
        names = ["requirements.txt"]
        if self.tests or "requirements-test.txt" in self._installed():
            names.append("requirements-test.txt")
        found = {}
        for name in names:
            try:
                content = (self.base / name).read_bytes()
            except OSError as error:
                raise SetupError(
                    f"{self.base / name} cannot be read ({error.strerror}). Is the checkout whole?"
                ) from error
            found[name] = hashlib.sha256(content).hexdigest()
        return found

    def _installed(self) -> dict[str, str]:
        try:
            found = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _is_current(self) -> bool:
        return (
            os.access(self.python, os.X_OK)
            and not self.marker.exists()
            and self._installed() == self._requirements()
        )

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one start install at a time. The checkout's folder is the lock: no file is needed."""
        import fcntl  # noqa: PLC0415 - Windows has none, and is told so before

        descriptor = os.open(self.base, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Another start is installing packages; waiting for it …", flush=True)  # noqa: T201
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _install(self) -> None:
        wanted = self._requirements()
        self._check_folder()
        # A Python that was removed or upgraded leaves a link to nowhere.
        usable = os.access(self.python, os.X_OK) and self._version() >= _OLDEST
        if self.folder.exists() and (self.marker.exists() or not usable):
            print("The virtual environment is unusable; making it anew …", flush=True)  # noqa: T201
            shutil.rmtree(self.folder, ignore_errors=True)
        fresh = not self.folder.exists()
        if fresh:
            print(f"First start: setting up {self.folder} (once).", flush=True)  # noqa: T201
        try:
            self.folder.mkdir(exist_ok=True)
            self.marker.touch()
            self.stamp.unlink(missing_ok=True)
            if fresh:
                installer.make_venv(self.folder)
            elif not self._has_installer():
                installer.add_pip(self.python)
            installer.install(self.python, [self.base / name for name in wanted])
            self._write_stamp(wanted)
            self.marker.unlink()
        except BaseException as error:
            if fresh:
                shutil.rmtree(self.folder, ignore_errors=True)  # nothing half made
            elif isinstance(error, SetupError) and any(
                s in str(error) for s in explain.UNREACHABLE
            ):
                self.marker.unlink(missing_ok=True)  # nothing was changed: downloads come first
            if isinstance(error, OSError):
                raise explain.explain(str(error), folder=str(self.folder)) from error
            raise

    def _check_folder(self) -> None:
        if not os.access(self.folder if self.folder.exists() else self.base, os.W_OK):
            raise SetupError(
                f"Packages have to be installed into {self.folder}, and you may not write there. "
                "Start this as the user whom the folder belongs to, or put the checkout into a "
                "folder of your own."
            )
        free = shutil.disk_usage(self.base).free
        if free < _SPACE_NEEDED:
            raise SetupError(
                f"{free // 2**20} MB are free on the disk of {self.base}, and installing needs "
                f"{_SPACE_NEEDED // 2**20} MB. Make room and start again."
            )

    def _has_installer(self) -> bool:
        pip = self.folder.glob("lib/python*/site-packages/pip/__main__.py")
        return shutil.which("uv") is not None or any(pip)

    def _version(self) -> tuple[int, ...]:
        """Return the version of the environment's Python, as its own file says."""
        try:
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return ()
        match = re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", text, re.MULTILINE)
        return (int(match[1]), int(match[2])) if match else ()

    def _write_stamp(self, installed: dict[str, str]) -> None:
        draft = self.stamp.with_suffix(".draft")
        draft.write_text(json.dumps(installed, indent=1) + "\n", encoding="utf-8")
        draft.replace(self.stamp)
