"""A large export in a small process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingestion.sources.desktop.writer import write_large

#: Prints how many messages there were, and the most that the process had in memory, in MB.
_READ = r"""
import re, sys
from pathlib import Path
from ingestion.sources.desktop import JsonExport
path = Path(sys.argv[1])
source = JsonExport(lambda: path.open("rb"), path.stat().st_size)
count = sum(len(portion.page.records) for portion in source.portions())
peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
print(count, int(peak[1]) // 1024)
"""


@pytest.mark.slow
def test_a_hundred_megabytes_in_one_line_take_less_than_150(tmp_path: Path) -> None:
    path = write_large(tmp_path / "result.json", 60_000, text="word " * 180)
    assert path.stat().st_size > 100 * 2**20
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True
    )
    count, peak = map(int, done.stdout.split())
    assert count == 60_000
    assert peak < 150
