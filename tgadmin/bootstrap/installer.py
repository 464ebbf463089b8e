"""Making a virtual environment and filling it, with uv where it is installed, else with pip."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tgadmin.bootstrap.errors import SetupError
from tgadmin.bootstrap.explain import explain

_LAUNCH = Path(__file__).resolve().parent.parent / "embedded" / "launch.py"
_PROGRESS = re.compile(r"^(?:Collecting|Requirement already satisfied:)\s+([A-Za-z0-9._-]+)")


def make_venv(folder: Path) -> None:
    """Make an empty virtual environment, with pip in it where pip will be used."""
    with_pip = shutil.which("uv") is None
    if with_pip and importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetupError(
            "This Python cannot make virtual environments: a part of it is missing. On Debian and "
            f"Ubuntu, install it with\n\n    sudo apt install python{version}-venv\n\n"
            "and start again. (Or install uv, which is used when it is there.)"
        )
    # Of a virtual environment's Python, the one that it was made from: the environment itself
    # may be what is made anew here.
    base = getattr(sys, "_base_executable", sys.executable)
    command = [base, "-I", "-m", "venv", *([] if with_pip else ["--without-pip"]), str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise explain(answer.stdout + answer.stderr, folder=str(folder))


def add_pip(python: Path) -> None:
    """Put pip into an environment that was made without, by a uv that is gone now."""
    command = [str(python), "-I", "-m", "ensurepip"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise explain(answer.stdout + answer.stderr, folder=str(python.parent.parent))


def install(python: Path, requirements: list[Path]) -> None:
    """Install the packages of hash-pinned files into the environment of `python`."""
    files = [part for file in requirements for part in ("-r", str(file))]
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--no-config", "--require-hashes", f"--python={python}"]
        # Else the first start compiles: Telethon alone takes seconds.
        command.append("--compile-bytecode")
    else:
        command = [
            *(str(python), "-I", "-m", "pip", "install"),
            *("--require-hashes", "--no-input", "--disable-pip-version-check"),
            # A start script is not where somebody waits minutes for five attempts to connect.
            "--retries=2",
        ]
    total = sum(_pins(file) for file in requirements)
    print(f"Installing {total} packages with {'uv' if uv else 'pip'} …", flush=True)  # noqa: T201
    began = time.monotonic()
    with (
        _environment() as environment,
        subprocess.Popen(
            [*_ending_with_us(), *command, *files],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            errors="replace",
        ) as process,
    ):
        try:
            output = _follow(process, total)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise explain(output, folder=str(python.parent.parent))
    print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)  # noqa: T201


def _ending_with_us() -> list[str]:
    """Return what to put before a command that must not go on when this process is killed.

    An installer left alone would write into an environment that the next start makes anew.
    """
    return [
        *(sys.executable, "-I", "-S", str(_LAUNCH)),
        *(f"--parent={os.getpid()}", f"--signal={int(signal.SIGKILL)}"),
        *([] if sys.platform.startswith("linux") else ["--watch"]),
        "--",
    ]


def _follow(process: subprocess.Popen[str], total: int) -> str:
    """Read the installer's output, showing how far it is; returns all of it."""
    terminal = sys.stdout.isatty()
    lines: list[str] = []
    seen: set[str] = set()
    assert process.stdout  # noqa: S101 - it is a pipe
    for line in process.stdout:
        lines.append(line)
        match = _PROGRESS.match(line)
        if match and match[1] not in seen:
            seen.add(match[1])
            text = f"  {len(seen)} of {total}  {match[1]}"
            if terminal:
                print(f"\r{text:<60.60}", end="", flush=True)  # noqa: T201
            elif len(seen) % 10 == 0:
                print(text, flush=True)  # noqa: T201
        elif line.startswith("Installing collected"):
            print(f"{chr(13) if terminal else ''}{'  downloaded, unpacking …':<60}", flush=True)  # noqa: T201
        elif line.startswith(("Downloading ", "Building ", "Prepared ", "Resolved ")) and not seen:
            print(f"  {line.strip():.76}", flush=True)  # noqa: T201
    return "".join(lines)


def _pins(file: Path) -> int:
    """Count the packages of a requirements file that are for this kind of system."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return sum("==" in line and "== 'win32'" not in line for line in lines if line[:1].isalnum())


@contextlib.contextmanager
def _environment() -> Iterator[dict[str, str]]:
    """Yield the installer's environment: no leftovers of other Pythons, and a home to cache in."""
    strays = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name not in strays}
    home = environment.get("HOME", "")
    with tempfile.TemporaryDirectory(prefix="tgadmin-") as folder:
        if not (home and os.access(home, os.W_OK)):
            environment |= {"HOME": folder, "UV_CACHE_DIR": f"{folder}/uv"}
            environment |= {"PIP_NO_CACHE_DIR": "1", "XDG_CACHE_HOME": folder}
        yield environment
