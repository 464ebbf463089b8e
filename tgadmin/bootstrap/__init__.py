"""From a bare Python to a running command: what manage.py does.

Until the virtual environment is there, the standard library is all there is, so nothing in this
package imports anything else before `dispatch`.
"""

import os
import sys
from pathlib import Path

from tgadmin.bootstrap.errors import SetupError
from tgadmin.bootstrap.options import take_options
from tgadmin.bootstrap.venv import Venv

__all__ = ["main"]

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def main(argv: list[str]) -> int:
    """Run a command; returns the exit code, unless another program took this process's place."""
    tests = argv[1:2] == ["test"]
    try:
        # pytest has options of its own, and its servers and data directory too.
        arguments, changes = (argv[1:], {}) if tests else take_options(argv[1:])
        # A container image has its packages without a virtual environment.
        if os.environ.get("TGADMIN_NO_VENV", "") in {"", "0"}:
            venv = Venv(BASE_DIR, tests=tests)
            venv.prepare()
            if not venv.is_active():
                _flush()
                os.execv(venv.python, [str(venv.python), *argv])  # noqa: S606 - never a wrapper around it
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    if tests:
        os.chdir(BASE_DIR)
        _flush()
        # As many at once as tests/conftest.py finds right, and files in its order; an -n that
        # follows wins.
        at_once = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *at_once, *arguments[1:]])  # noqa: S606
    os.environ.update(changes)
    # Django is there from here on.
    from tgadmin.bootstrap.dispatch import run  # noqa: PLC0415

    return run([argv[0], *arguments])


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
