"""Reading exports of Telegram Desktop."""

import subprocess
import sys
import tempfile
from pathlib import Path

import orjson
from django.conf import settings

from tgadmin.management.bench.rows import Row, rate

_HEAD = b'{"name":"Bench","type":"public_channel","id":1500000001,"messages":['


def measure(*, quick: bool) -> list[Row]:
    """import_desktop_rate (parsing alone), import_desktop_mapped_rate (up to the records that the
    writer takes) and import_peak_mb, the higher of both: each in a process of its own.
    """
    count, rounds = (50_000, 2) if quick else (300_000, 3)
    with tempfile.TemporaryDirectory(prefix="tgadmin-bench-") as directory:
        path = Path(directory) / "result.json"
        _write(path, count)
        told = {
            work: [_measured(work, path, count) for _ in range(rounds)] for work in ("parse", "map")
        }
    peak = max(one["peak_mb"] for runs in told.values() for one in runs)
    return [
        Row(
            "import_desktop_rate",
            rate(count, [one["seconds"] for one in told["parse"]]),
            "messages/s",
            target=250_000,
        ),
        Row(
            "import_desktop_mapped_rate",
            rate(count, [one["seconds"] for one in told["map"]]),
            "messages/s",
            target=100_000,
        ),
        Row("import_peak_mb", peak, "MB", target=60, at_most=True),
    ]


def _write(path: Path, count: int) -> None:
    """As Telegram Desktop writes it, but never held in memory."""
    words = [
        "harbour",
        "council",
        "vote",
        "bridge",
        "ferry",
        "closed",
        "market",
        "winter",
        "report",
        "minister",
        "strike",
    ]
    with path.open("wb") as file:
        file.write(_HEAD)
        for number in range(1, count + 1):
            text = " ".join(words[(number * step) % len(words)] for step in range(1, 18))
            message = {
                "id": number,
                "type": "message",
                "date": "2026-04-24T05:06:40",
                "date_unixtime": str(1_777_000_000 + number),
                "from": "Bench",
                "from_id": "channel1500000001",
                "text": text,
                "text_entities": [{"type": "plain", "text": text}],
            }
            file.write((b"," if number > 1 else b"") + orjson.dumps(message))
        file.write(b"]}")


def _measured(work: str, path: Path, count: int) -> dict[str, float]:
    answer = subprocess.run(
        [sys.executable, "-m", "tgadmin.management.bench.parsing", work, str(path)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, float] = orjson.loads(answer.stdout)
    if told["messages"] != count:
        raise AssertionError(f"{told['messages']:g} of {count} messages were read")
    return told
