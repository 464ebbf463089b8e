"""`python -m tgadmin.management.bench.parsing parse|map result.json`: how long an export takes to
parse, or to be read as records, and how much memory. A process of its own, without Django, as
nothing else is to be measured.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from ingestion.sources.desktop import JsonExport
from ingestion.sources.splitting import Items, Splitter
from tgadmin.lib import garbage
from tgadmin.management.bench.memory import peak_mb
from tgadmin.management.bench.rows import stopwatch


def parse(path: Path) -> int:
    """What the importer's own reader does: cut the file between messages, and parse them."""
    with path.open("rb") as file:
        pieces = Splitter(file).pieces()
        return sum(len(piece.items) for piece in pieces if isinstance(piece, Items))


def read_records(path: Path) -> int:
    """The whole source: each message as a record, with its text, entities and media."""
    source = JsonExport(lambda: path.open("rb"), path.stat().st_size)
    with garbage.left_alone():  # as an import does
        return sum(len(portion.page.records) for portion in source.portions())


WORK: Final[dict[str, Callable[[Path], int]]] = {"parse": parse, "map": read_records}


def main() -> None:
    """Print seconds, messages and peak megabytes as JSON."""
    work, path = WORK[sys.argv[1]], Path(sys.argv[2])
    with stopwatch() as elapsed:
        count = work(path)
        seconds = elapsed()
    told = {"seconds": seconds, "messages": count, "peak_mb": peak_mb()}
    sys.stdout.buffer.write(orjson.dumps(told))


if __name__ == "__main__":
    main()
