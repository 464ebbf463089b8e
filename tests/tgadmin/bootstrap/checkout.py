"""A small checkout to set up: the real manage.py and set-up, with packages made here."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.tgadmin.running import BASE, environment
from tgadmin.bootstrap.venv import Venv

_PACKAGES = {"requirements.txt": "small_package", "requirements-test.txt": "pytest"}


@dataclass
class Checkout:
    """The folder of one, and the folder of the packages that it can install."""

    base: Path
    wheels: Path

    @classmethod
    def make(cls, base: Path) -> "Checkout":
        made = cls(base, base.parent / "wheels")
        made.wheels.mkdir()
        shutil.copytree(
            BASE / "tgadmin" / "bootstrap",
            base / "tgadmin" / "bootstrap",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copy(BASE / "manage.py", base)
        (base / "tgadmin" / "embedded").mkdir()
        shutil.copy(BASE / "tgadmin" / "embedded" / "launch.py", base / "tgadmin" / "embedded")
        (base / "tgadmin" / "__init__.py").touch()
        for file, package in _PACKAGES.items():
            made.require(file, package, "1.0")
        return made

    def venv(self, *, tests: bool = False) -> Venv:
        return Venv(self.base, tests=tests)

    def require(self, file: str, package: str, version: str) -> None:
        """Let a requirements file name a package, pinned with its hash."""
        wheel = _make_wheel(self.wheels, package, version)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        text = f"{package}=={version} \\\n    --hash=sha256:{digest}\n"
        (self.base / file).write_text(text, encoding="utf-8")

    def manage(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run its manage.py with the system's own Python, without network and without uv."""
        settings = environment(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(self.wheels), **env)
        settings["PATH"] = os.defpath
        del settings["TGADMIN_NO_VENV"]
        return subprocess.run(
            [getattr(sys, "_base_executable", sys.executable), self.base / "manage.py", *arguments],
            env=settings,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )


def _make_wheel(folder: Path, package: str, version: str) -> Path:
    """Write a wheel by hand (PEP 427). Run as a module, it prints where it runs and its arguments."""
    files = {
        f"{package}/__init__.py": f"version = {version!r}\n",
        f"{package}/__main__.py": "import os, sys\nprint(sys.prefix, os.getcwd(), sys.argv[1:])\n",
        f"{package}-{version}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        ),
        f"{package}-{version}.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = f"{package}-{version}.dist-info/RECORD"
    rows = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{name},sha256={digest.decode()},{len(text)}\n")
    files[record] = "".join([*rows, f"{record},,\n"])
    wheel = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel
