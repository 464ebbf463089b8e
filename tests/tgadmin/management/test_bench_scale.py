"""`manage.py bench --scale`, at a size that takes seconds."""

import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import orjson
import pytest

from tgadmin import env
from tgadmin.management.bench.rows import Row
from tgadmin.management.bench.scale.searches import p95
from tgadmin.management.bench.scale.size import Size

WANTED = {
    "bytes_per_message",
    *(f"search_p95_ms_{kind}" for kind in ("rare", "medium", "common", "phrase", "substring")),
    *("search_relevance_p95_ms", "search_deep_p95_ms"),
    *(f"page_p95_ms_{page}" for page in ("home", "channels", "channel", "messages", "runs")),
    *(f"page_p95_ms_{page}" for page in ("timeline_deep", "timeline_first")),
    *(f"page_p95_ms_{page}" for page in ("searches", "feeds", "schedules", "export_columns")),
    *(f"page_p95_ms_{page}" for page in ("redaction", "retention", "retention_preview")),
    *(f"cache_ratio_{page}" for page in ("home", "channel", "messages_search")),
    *("export_csv_ratio", "export_jsonl_ratio", "export_parquet_ratio", "export_peak_mb"),
    *("import_desktop_rate", "import_peak_mb"),
    *("ingest_copy_ratio", "resync_rate", "resync_rows_written", "rollup_write_ratio"),
}


@pytest.mark.slow
def test_every_row_is_measured_and_the_archive_is_used_again(tmp_path: Path) -> None:
    command = [sys.executable, str(env.BASE_DIR / "manage.py"), "bench", "--scale", "2k"]
    done = subprocess.run(
        [*command, "--directory", str(tmp_path / "kept"), "--json"],
        capture_output=True,
        check=True,
        env=env.child_environment(TGADMIN_NO_VENV="1", DATABASE_URL="", REDIS_URL=""),
    )
    rows = {row["name"]: row for row in orjson.loads(done.stdout)}
    assert not WANTED - set(rows)
    assert rows["resync_rows_written"]["value"] == 0
    assert {"all_p95", "channel_p95", "month_p95"} <= set(rows["search_deep_p95_ms"]["more"])
    # Nothing was copied: all of it is as if it had been read.
    assert rows["bytes_per_message"]["more"]["with_raw_records"] == 1
    exports = [row["more"] for name, row in rows.items() if name.startswith("export_")]
    assert {more["rows"] for more in exports} == {2_000}
    pages = {name: row["more"] for name, row in rows.items() if name.startswith("page_")}
    # 286: a live part that has nothing to wait for.
    assert {more["status"] for more in pages.values()} <= {200, 286}
    assert all(0 < more["queries"] < 40 for more in pages.values())
    assert max(more["bytes"] for more in pages.values()) < 60_000


def test_a_size_is_a_number_of_thousands_or_millions() -> None:
    assert Size.parse("10m").messages == 10_000_000
    assert Size.parse("5K") == Size("5k", 5_000)
    for wrong in ("", "10", "0m", "m", "1g"):
        with pytest.raises(ArgumentTypeError):
            Size.parse(wrong)


def test_the_slowest_of_twenty_is_beyond_p95() -> None:
    assert p95([float(n) for n in range(1, 21)]) == 19
    assert p95([7.0]) == 7


def test_what_else_was_seen_is_told_where_there_is_any() -> None:
    assert "more" not in Row("a", 1, "ms", target=2).as_dict()
    assert Row("a", 1, "ms", target=2, more={"p50": 1}).as_dict()["more"] == {"p50": 1}
