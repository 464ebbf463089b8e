"""A worker that stands still at a step of its work, until it is killed with signal 9."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.archive import programs

_CODE: Final = """
import time
{prologue}
place, step, behind, at = {place}, {step!r}, {behind}, {at}
work, calls = getattr(place, step), []
def stuck(*given, **named):
    calls.append(step)
    found = work(*given, **named) if behind or len(calls) < at else None
    if len(calls) == at:
        print("there", flush=True)
        time.sleep(60)
    return found
setattr(place, step, stuck)
{work}
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Before or behind the call number `at` of a function; `place` is what has it."""

    place: str
    step: str
    behind: bool
    at: int = 1

    def __str__(self) -> str:
        return f"{'behind' if self.behind else 'before'} {self.place}.{self.step} {self.at}"

    def kill(self, *, prologue: str, work: str, exports: Path) -> None:
        """Begin the work in a process of its own, and end that when it is there. `prologue` imports
        what `place` and `work` name; files go beside `exports`.
        """
        code = _CODE.format(
            prologue=prologue,
            work=work,
            place=self.place,
            step=self.step,
            behind=self.behind,
            at=self.at,
        )
        with programs.started(code, exports) as worker:
            assert worker.stdout
            assert worker.stdout.readline() == "there\n", worker.communicate()[1]
            worker.kill()
            worker.wait()
