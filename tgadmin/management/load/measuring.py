"""Starting locust, and reading what it measured."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tgadmin import env

#: Longer than any page may take; who waits for the end of the last ones.
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers of one kind: their number, how many were errors, and milliseconds of half of them and
    of 95 %. `name` is that of the page's address, or `all`.
    """

    name: str
    requests: int
    errors: int
    p50_ms: float
    p95_ms: float


class LoadFailed(RuntimeError):
    """locust could not run; its own words."""


def measure(
    *, address: str, people: int, seconds: int, plan: dict[str, Any], quiet: bool
) -> list[Measured]:
    """Let so many people use the site for so long; they come within the first fifth of it."""
    with tempfile.TemporaryDirectory(prefix="tgadmin-load-") as folder:
        file = Path(folder, "plan.json")
        file.touch(mode=0o600)
        file.write_text(json.dumps(plan), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "locust", "--headless", "--json", "--only-summary"),
            *("--locustfile", str(Path(__file__).with_name("people.py"))),
            *("--host", address, "--plan", str(file)),
            *("--users", str(people), "--spawn-rate", str(max(people * 5 / seconds, 1))),
            *("--run-time", f"{seconds}s", "--stop-timeout", "10", "--loglevel", "WARNING"),
            # The exit code tells whether it ran, not whether a page failed.
            *("--exit-code-on-error", "0"),
        ]
        answer = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if quiet else None,
            text=True,
            timeout=seconds + _PATIENCE,
            env=env.child_environment(),
            check=False,
        )
    try:
        return summed(json.loads(answer.stdout))
    except json.JSONDecodeError as error:
        raise LoadFailed(answer.stderr or f"it ended with {answer.returncode}") from error


def summed(entries: Iterable[dict[str, Any]]) -> list[Measured]:
    """Locust's own entries, whose `response_times` are `{milliseconds: how many}`; all of them
    together come last.
    """
    rows: list[Measured] = []
    together: dict[float, int] = {}
    errors = 0
    for entry in sorted(entries, key=lambda entry: str(entry["name"])):
        times = {float(took): int(n) for took, n in entry["response_times"].items()}
        for took, n in times.items():
            together[took] = together.get(took, 0) + n
        errors += int(entry["num_failures"])
        rows.append(_row(str(entry["name"]), times, int(entry["num_failures"])))
    return [*rows, _row("all", together, errors)]


def _row(name: str, times: dict[float, int], errors: int) -> Measured:
    return Measured(name, sum(times.values()), errors, _share(times, 0.5), _share(times, 0.95))


def _share(times: dict[float, int], share: float) -> float:
    """Within how many milliseconds this share of the answers came; 0 when there were none."""
    left = share * sum(times.values())
    for took in sorted(times):
        left -= times[took]
        if left <= 0:
            return took
    return 0.0
