"""The table of pages in the documentation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

COMMAND: Final = (
    "python3 manage.py test -m browser tests/browser/test_pages.py --pages docs/pages.md"
)

HEAD: Final = f"""# Pages

Every page, as the browser tests measured it last: what a browser without a cache loads (compressed,
headers included), what the server does for it with the world of the tests, and what
[axe-core](https://github.com/dequelabs/axe-core) finds: in light at 1440 px, where every menu is opened and
looked at, too, and in dark at 390 px.

A page may have 60 KB and 12 requests, axe may find nothing, and nothing may move when parts of a page
are refreshed; the tests fail otherwise. It is to take 50 ms, with nothing in the cache, while the browser
is at work on the same machine; the tests fail at 200 of them computed. They write this table:

```sh
{COMMAND}
```

| page | KB | requests | queries | server, ms | axe | moved |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


@dataclass
class Row:
    name: str
    bytes: int | None = None
    requests: int | None = None
    queries: int | None = None
    milliseconds: float | None = None
    axe: int | None = None
    shifts: int | None = None

    @property
    def whole(self) -> bool:
        """Tell whether everything was measured."""
        return None not in vars(self).values()


def render(rows: Iterable[Row]) -> str:
    lines = [
        f"| {row.name} | {(row.bytes or 0) / 1024:.1f} | {row.requests} | {row.queries} "
        f"| {row.milliseconds or 0:.0f} | {row.axe} | {row.shifts} |\n"
        for row in rows
    ]
    return HEAD + "".join(lines)


def names(text: str) -> list[str]:
    """Return the pages that a written table names."""
    lines = text[len(HEAD) :].splitlines()
    return [line.split("|")[1].strip() for line in lines if line.startswith("|")]
