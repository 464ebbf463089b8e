"""`python -m tgadmin.management.bench.parsing result.json`: how long an export takes to parse, and
how much memory. A process of its own, without Django, as nothing else is to be measured.
"""

import sys
from pathlib import Path

import orjson

from ingestion.sources.desktop import JsonExport
from tgadmin.management.bench.memory import peak_mb
from tgadmin.management.bench.rows import stopwatch


def main() -> None:
    """Print seconds, messages and peak megabytes as JSON."""
    path = Path(sys.argv[1])
    source = JsonExport(lambda: path.open("rb"), path.stat().st_size)
    with stopwatch() as elapsed:
        count = sum(len(portion.page.records) for portion in source.portions())
        seconds = elapsed()
    told = {"seconds": seconds, "messages": count, "peak_mb": peak_mb()}
    sys.stdout.buffer.write(orjson.dumps(told))


if __name__ == "__main__":
    main()
