"""How large an archive is, as it is said on the command line and in the name of its directory."""

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tgadmin import env

_FACTORS: Final = {"k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Size:
    """`label` is such as `1m`."""

    label: str
    messages: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """`5k`, `1m`, `10m`."""
        match = re.fullmatch(r"([1-9]\d{0,5})([km])", text.lower(), re.ASCII)
        if match is None:
            raise ArgumentTypeError(f"{text!r} is not a size such as 1m or 10m")
        return cls(match[0], int(match[1]) * _FACTORS[match[2]])

    @property
    def directory(self) -> Path:
        """Where its archive is kept for the next time."""
        return env.BASE_DIR / f".data-bench-{self.label}"
