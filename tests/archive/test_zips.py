"""A zip of any number of files: whole for others, and never held in memory."""

import errno
import gc
import hashlib
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from archive.exports import media
from archive.exports.html import Html
from archive.exports.options import Options
from archive.exports.zips import Zip
from ingestion.media import store
from tests.archive.test_formats import Memory

NAMES: Final = ["plain.txt", "Übung.txt", "folder/世界 🎉.bin", *(f"{n}.txt" for n in range(50))]


class Nowhere:
    def write(self, block: bytes) -> None:
        pass


def told_file(number: int) -> dict[str, Any]:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return {"sha256": digest, "size": 5, "storage": "", "mime": "image/png", "name": ""}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("limit", [zipfile.ZIP64_LIMIT, 200], ids=["small", "beyond 2 GiB"])
def test_another_program_finds_every_file_whole(
    export_dir: Path, monkeypatch: pytest.MonkeyPatch, compression: int, limit: int
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    sink = Memory()
    archive = Zip(sink, compression)
    for name in NAMES:
        with archive.open(name, "w", force_zip64=True) as member:
            member.write(name.encode() * 20)
    archive.close()
    made = zipfile.ZipFile(io.BytesIO(sink.data))
    assert made.testzip() is None
    assert made.namelist() == NAMES
    assert all(made.read(name) == name.encode() * 20 for name in NAMES)
    assert {entry.compress_type for entry in made.infolist()} == {compression}
    assert list(export_dir.iterdir()) == []


def test_what_is_known_of_the_files_is_not_held_in_memory(
    export_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "open_part", lambda *_: io.BytesIO(b"media"))
    archive = Zip(Nowhere())
    files = media.Files(archive)
    tracemalloc.start()
    try:
        for number in range(100):
            files.add(told_file(number))
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1_100):
            files.add(told_file(number))
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(files) == 1_100
    assert grown < 50_000  # 50 bytes a file; zipfile's own list has 500
    files.close()
    archive.close()
    assert list(export_dir.iterdir()) == []


def test_a_disk_that_is_full_is_told_as_such(
    export_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "_TABLE", f"PRAGMA max_page_count = 4; {media._TABLE}")
    known = media._Known()
    with pytest.raises(OSError, match="full") as told:
        known.put(bytes(32), "x" * 100_000)
    assert told.value.errno == errno.ENOSPC
    known.close()


def test_one_that_is_left_in_the_middle_leaves_nothing_behind(export_dir: Path) -> None:
    sink = Memory()
    writer = Html().writer(sink, Options())
    size = len(sink.data)
    del writer
    gc.collect()
    assert list(export_dir.iterdir()) == []
    assert len(sink.data) == size
