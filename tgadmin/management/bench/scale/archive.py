"""The archive that is measured: made once, and used again."""

import sys
from dataclasses import dataclass
from datetime import date
from typing import Final

from tgadmin.management.bench.scale.size import Size
from tgadmin.management.generate import Place, Plan, generate
from tgadmin.management.generate.make import Making
from tgadmin.management.generate.multiplying import multiply
from workspaces.models import Workspace

#: Always the same, so that two runs measure the same.
SEED: Final = 1
UNTIL: Final = date(2026, 5, 1)
#: What is larger is made of so many messages, copied by the database.
MADE_AT_MOST: Final = 1_000_000
#: The workspace is called so once it is whole.
WHOLE: Final = "Bench archive"
#: Messages between two lines that tell how far it is.
_LINE: Final = 100_000
_UNFINISHED: Final = "Bench archive, unfinished"


def ensure(size: Size) -> Workspace:
    """The archive of that size, made when it is not there yet."""
    if whole := Place.find(WHOLE):
        return whole
    place = Place.prepare(name=_UNFINISHED, beside=False)
    plan = Plan.of(messages=size.messages // times(size), channels=None, seed=SEED, until=UNTIL)
    generate(plan=plan, place=place, tell=_tell, step=_Steps())
    if times(size) > 1:
        multiply(place.workspace, times=times(size), tell=_tell)
    place.workspace.name = WHOLE
    place.workspace.save(update_fields=["name"])
    return place.workspace


def times(size: Size) -> int:
    """How many times over what was made is there, the original included."""
    return max(size.messages // MADE_AT_MOST, 1)


def with_raw_records(size: Size) -> float:
    """The share of the messages that have one: what was made, and the last copy (`multiplying`)."""
    return min(2 / times(size), 1)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class _Steps:
    """A line at every hundred thousandth message or so: channels end where they end."""

    told: int = 0

    def __call__(self, making: Making) -> None:
        if making.done // _LINE > self.told:
            self.told = making.done // _LINE
            _tell(f"{making.done:,} of {making.total:,}, {making.rate:,.0f}/s")
