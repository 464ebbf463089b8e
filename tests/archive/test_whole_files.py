"""Formats that libraries write, opened by others than wrote them."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.escape import unescape
from selectolax.lexbor import LexborHTMLParser

from archive.exports import (
    COLUMNS,
    FORMATS,
    Options,
    columns,
    fields,
    html,
    redaction,
    stream,
    xlsx,
)
from archive.exports.work import run_export
from archive.models import Export
from ingestion.models import Channel, MessageRaw
from tests.archive.test_formats import NASTY, Memory, read
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db(transaction=True)

MARCH = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def mixed(channel: Channel, export_dir: Path) -> Channel:
    """Archive nasty texts, and a message that has everything."""
    records = [make_record(n, text=text) for n, text in enumerate(NASTY, 1)]
    everything = make_record(
        100,
        date=MARCH,
        edit_date=WHEN,
        sender_id="=1+1",
        author="Ada",
        text="Look here: 🎉 bold",
        entities=[
            {"type": "bold", "offset": 14, "length": 4},
            {"type": "text_url", "offset": 0, "length": 4, "url": "javascript:alert(1)"},
            {"type": "text_url", "offset": 5, "length": 4, "url": "https://example.org/?a&b"},
        ],
        kind="photo",
        media_meta={"type": "photo", "id": "55"},
        reply_to={"message_id": 3},
        grouped_id=13_000_000_000_000_001,
        links=["https://a.example", "https://b.example"],
        hashtags=["news"],
        reactions={"👍": 3},
    )
    archive_messages(channel, [*records, everything])
    archive_messages(channel, [make_record(2, text="edited", edit_date=WHEN + timedelta(hours=9))])
    return channel


def written(channel: Channel, kind: str, **options: Any) -> bytes:
    sink = Memory()
    stream([channel], format=FORMATS[kind], options=Options(**options), sink=sink)
    return sink.data


def test_parquet_is_typed_and_holds_what_json_lines_hold(mixed: Channel, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(written(mixed, "parquet", time_zone="Asia/Tokyo"))
    table = pq.read_table(path)
    lines = [json.loads(line) for line in written(mixed, "jsonl").splitlines()]
    assert table.schema.field("date").type == pa.timestamp("us", tz="Asia/Tokyo")
    assert table.schema.field("links").type == pa.list_(pa.field("element", pa.string()))
    assert tuple(table.schema.names) == COLUMNS["parquet"]
    for row, line in zip(table.to_pylist(), lines, strict=True):
        for name, value in line.items():
            kind = fields.BY_NAME[name].type
            if name == "revisions":
                assert row[name] == len(value)
            elif kind == "json" and value is not None:
                assert json.loads(row[name]) == value
            elif kind == "time" and value is not None:
                assert row[name] == datetime.fromisoformat(value)
            else:
                assert row[name] == value
    asked = duckdb.execute(f"SELECT count(*), max(len(links)) FROM '{path}'").fetchall()
    assert asked == [(len(lines), 2)]
    kinds = pq.ParquetFile(path).metadata.row_group(0).column(COLUMNS["parquet"].index("kind"))
    assert "RLE_DICTIONARY" in kinds.encodings


def test_parquet_is_split_into_folders_that_say_channel_and_month(
    mixed: Channel, tmp_path: Path
) -> None:
    archive = zipfile.ZipFile(io.BytesIO(written(mixed, "parquet", partition="month")))
    assert archive.testzip() is None
    archive.extractall(tmp_path / "lake")
    found = duckdb.execute(
        "SELECT month::text, count(*) FROM "
        f"read_parquet('{tmp_path}/lake/**/*.parquet', hive_partitioning = true) "
        f"WHERE channel_id = {mixed.pk} GROUP BY month ORDER BY month"
    ).fetchall()
    assert [count for _, count in found] == [1, len(NASTY)]
    by_channel = zipfile.ZipFile(io.BytesIO(written(mixed, "parquet", partition="channel")))
    assert by_channel.namelist() == [f"channel_id={mixed.pk}/part-0.parquet"]


def test_a_part_of_split_parquet_may_be_larger_than_2_gib(
    mixed: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 200)
    archive = zipfile.ZipFile(io.BytesIO(written(mixed, "parquet", partition="channel")))
    assert archive.testzip() is None
    assert archive.infolist()[0].file_size > 200


def test_a_workbook_has_dates_and_numbers_and_nothing_that_runs(mixed: Channel) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(mixed, "xlsx", time_zone="Asia/Tokyo")))
    header, *lines = book["messages"].iter_rows()
    names = [cell.value for cell in header]
    assert tuple(names) == COLUMNS["xlsx"]
    last = dict(zip(names, lines[-1], strict=True))
    assert last["date"].value == datetime(2026, 4, 1, 8, 30)  # noqa: DTZ001, Excel has no zones
    assert (last["message_id"].value, last["views"].value) == (100, 100)
    assert last["grouped_id"].value == "13000000000000001"
    assert last["sender_id"].value == "=1+1"
    assert last["links"].value == "https://a.example https://b.example"
    assert {cell.data_type for line in lines for cell in line} <= {"s", "n", "d", "inlineStr"}
    texts = [dict(zip(names, line, strict=True))["text"].value or "" for line in lines[:-1]]
    unmarked = [text.replace("_x000D_", "\r") for text in texts]
    expected = [text if place else "" for place, text in enumerate(NASTY)]
    kept = [(a, b) for a, b in zip(unmarked, expected, strict=True) if b and "\x01" not in b]
    assert all(a in (b, "edited") or "\r" in b for a, b in kept)


def test_a_workbook_has_what_excel_has_no_dates_and_no_letters_for(
    channel: Channel, export_dir: Path
) -> None:
    texts = ["_x0041_", "a\x01b", "\ufffe", "\u202egnp.exe", "=cmd|' /C calc'!A0", "😀" * 20_000]
    # The clock goes forward at 1:00 UTC in March, and back in October.
    half_past = [(1899, 3, 29, 0), (1970, 3, 29, 0), (2026, 3, 29, 0), (2026, 3, 29, 1)]
    half_past += [(2026, 10, 25, 0), (2026, 10, 25, 1)]
    dates = [datetime(*moment, 30, tzinfo=UTC) for moment in half_past]
    rows = zip(texts, dates, strict=True)
    archive_messages(
        channel, [make_record(n, text=text, date=date) for n, (text, date) in enumerate(rows, 1)]
    )
    told: dict[str, Any] = {}
    sink = Memory()
    options = Options(time_zone="Europe/Berlin", columns=("date", "text"))
    stream([channel], format=FORMATS["xlsx"], sink=sink, options=options, extra=told)
    cells = list(openpyxl.load_workbook(io.BytesIO(sink.data)).active.iter_rows(min_row=2))
    found = [(row[1].value, unescape(row[2].value)) for row in cells]
    assert [text for _, text in found[:5]] == texts[:5]
    assert (len(found[5][1]), found[5][1][-1], told["cells_cut"]) == (16_384, "…", 1)
    assert found[0][0] == "1899-03-29 01:30:00"
    assert [moment.hour for moment, _ in found[1:]] == [1, 1, 3, 2, 2]
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "d", "inlineStr"}


def test_a_workbook_goes_on_in_another_sheet_and_says_what_it_cut(
    channel: Channel, export_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_messages(
        channel, [make_record(n, text="x" * (40_000 if n == 3 else 1)) for n in range(1, 6)]
    )
    monkeypatch.setattr(xlsx, "SHEET_ROWS", 3)
    told: dict[str, Any] = {}
    sink = Memory()
    stream([channel], format=FORMATS["xlsx"], sink=sink, extra=told)
    book = openpyxl.load_workbook(io.BytesIO(sink.data))
    assert [sheet.max_row for sheet in book] == [3, 3, 2]
    assert (told["sheets"], told["cells_cut"]) == (3, 1)


def test_pages_open_without_a_server_and_run_nothing(
    mixed: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "PAGE", 5)
    archive = zipfile.ZipFile(io.BytesIO(written(mixed, "html")))
    assert archive.testzip() is None
    texts = {name: archive.read(name).decode() for name in archive.namelist()}
    trees = {name: LexborHTMLParser(text) for name, text in texts.items() if name.endswith(".html")}
    folder = f"channel-{mixed.pk}"
    seen = []
    for name, tree in trees.items():
        assert not tree.css("script, iframe, object")
        for link in tree.css("a[href], link[href]"):
            target = str(link.attributes["href"])
            if not target.startswith(("http", "#")):
                above = name.rpartition("/")[0]
                path, _, anchor = target.partition("#")
                inside = path.removeprefix("../") if path.startswith("../") else f"{above}/{path}"
                assert inside.lstrip("/") in texts
                assert not anchor or f'id="{anchor}"' in texts[inside.lstrip("/")]
        seen += [str(node.attributes["id"]) for node in tree.css("article")]
    assert seen == [f"m{n}" for n in [*range(1, len(NASTY) + 1), 100]]
    last = texts[f"{folder}/3.html"]
    assert "<strong>bold</strong>" in last
    assert 'href="https://example.org/?a&amp;b"' in last
    assert "javascript:" not in last
    assert 'href="1.html#m3"' in last


def test_what_is_done_to_rows_is_done_in_every_format(
    mixed: Channel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Seen through a step that stands for a redaction."""

    def hide(row: dict[str, Any]) -> dict[str, Any]:
        row["text"] = "hidden"
        return row

    monkeypatch.setattr(
        import_module("archive.exports.stream"),
        "step_for",
        lambda _workspace, asked: hide if asked else None,
    )
    asked = {"redaction": {"name": "all"}}
    plain = written(mixed, "csv", columns=("message_id", "date", "kind", "links", "revisions"))
    redacted = written(
        mixed, "csv", columns=("message_id", "date", "kind", "links", "revisions"), **asked
    )
    assert read(redacted, "csv") == read(plain, "csv")
    assert b"hidden" in written(mixed, "csv", **asked)
    assert b"Look here" not in written(mixed, "jsonl", columns=("message_id", "text"), **asked)
    path = tmp_path / "a.parquet"
    path.write_bytes(written(mixed, "parquet", **asked))
    assert set(pq.read_table(path).column("text").to_pylist()) == {"hidden"}
    assert redaction.step_for(mixed.workspace, {}) is None


def test_zstandard_opens_elsewhere(mixed: Channel, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(written(mixed, "jsonl", zstd=True))
    with pa.input_stream(str(path), compression="zstd") as opened:
        assert opened.read() == written(mixed, "jsonl")


@pytest.mark.parametrize("kind", list(FORMATS))
def test_each_format_is_made_by_a_job_with_a_manifest(
    mixed: Channel, make_export: Callable[..., Export], export_dir: Path, kind: str
) -> None:
    export = make_export(kind, with_media=kind == "csv")
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.rows) == ("done", len(NASTY) + 1), export.error
    told = json.loads((export_dir / f"export-{export.pk}.manifest.json").read_text())
    assert (told["rows"], told["sha256"], told["format"]) == (export.rows, export.sha256, kind)
    assert told["schema"] == fields.VERSION
    assert told["tgadmin_version"]
    assert {path.suffix for path in export_dir.iterdir()} <= {".json", f".{export.suffix}"}
    if kind == "csv":
        archive = zipfile.ZipFile(export.path)
        assert set(archive.namelist()) == {"messages.csv", "media.jsonl"}


def test_the_columns_are_told_once() -> None:
    assert {field.name for field in fields.FIELDS} == set(columns.JSONL_COLUMNS)
    assert set(columns.CSV_COLUMNS) <= set(columns.JSONL_COLUMNS)


def test_a_channel_without_messages_is_a_whole_file_too(
    channel: Channel, export_dir: Path, tmp_path: Path
) -> None:
    other = make_channel(channel.workspace)
    assert MessageRaw.objects.count() == 0
    path = tmp_path / "a.parquet"
    path.write_bytes(written(other, "parquet"))
    assert pq.read_table(path).num_rows == 0
    book = openpyxl.load_workbook(io.BytesIO(written(other, "xlsx")))
    assert book["messages"].max_row == 1
    assert "index.html" in zipfile.ZipFile(io.BytesIO(written(other, "html"))).namelist()
