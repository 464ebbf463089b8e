"""Files that came by an export, and the same messages at Telegram."""

from pathlib import Path
from typing import Any

import pytest

from ingestion import importing
from ingestion.models import Channel, Medium, StoredFile
from ingestion.services import imports
from ingestion.services.media import ask_for
from tests.ingestion.media.library import CARRIED, Library
from tests.ingestion.sources.desktop.writer import chat, message, write

pytestmark = pytest.mark.django_db(transaction=True)

SIZE: int = CARRIED[9]["size"]


def export(tmp_path: Path, sizes: dict[int, int]) -> Path:
    """An export of the channel of files, whose files have so many bytes."""
    posts = []
    for number, size in sizes.items():
        told = CARRIED[number]
        path = tmp_path / "export" / "files" / f"{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d " % number + bytes(size - 2))
        fields = {"mime_type": told["mime"], "file_name": told["file_name"]}
        posts.append(message(number, text=f"File {number}", file=f"files/{path.name}", **fields))
    write(tmp_path / "export" / "result.json", chat(posts, id=1_600_000_001))
    return tmp_path / "export"


def bring(library: Library, path: Path) -> dict[str, Any]:
    """Import it to where the library is; the figures of its files that are not 0."""
    item, token = imports.start_here(workspace=library.world.workspace, path=path)
    importing.Work(item, token).run()
    assert item.state == "done"
    figures: dict[str, Any] = item.report["channels"][0]["files"]
    return {name: count for name, count in figures.items() if count}


def test_a_medium_that_telegram_told_is_filled(
    library: Library, channel: Channel, tmp_path: Path
) -> None:
    before = Medium.objects.filter(channel=channel).count()
    told = bring(library, export(tmp_path, {9: SIZE, 6: CARRIED[6]["size"] - 1}))
    assert told == {
        "found": 2, "stored": 1, "left_out": 1, "bytes": SIZE, "why": {"differs": 1},
    }  # fmt: skip
    assert Medium.objects.filter(channel=channel).count() == before
    medium = library.medium(channel, 9)
    assert (medium.remote_id, medium.state, medium.name) == (509, "done", "report.pdf")
    assert medium.file
    assert medium.file.size == SIZE

    since = library.sandbox.last_request()
    library.want(channel, kinds=frozenset({"document"}))
    library.download()
    # The file of the export stays; those that it did not have are downloaded.
    assert library.medium(channel, 9).file_id == medium.file_id
    assert library.medium(channel, 6).state == "done"
    asked = library.requests(since)
    assert sum(CARRIED[n]["size"] for n in (3, 4, 5, 6)) < SIZE
    assert asked
    assert all(entry["params"]["offset"] == 0 for entry in asked)


def test_telegram_takes_over_what_came_by_an_export(library: Library, tmp_path: Path) -> None:
    bring(library, export(tmp_path, {9: SIZE, 6: CARRIED[6]["size"] - 1}))
    assert set(Medium.objects.values_list("remote_id", flat=True)) == {0}
    ours = {row.message_id: row.file_id for row in Medium.objects.all()}

    channel = library.archived("files_of_all")
    medium = library.medium(channel, 9)
    assert (medium.remote_id, medium.state, medium.file_id) == (509, "done", ours[9])
    # What is of another size is another file: it stays behind the one that Telegram has.
    assert library.medium(channel, 6).remote_id == 506
    assert Medium.objects.get(channel=channel, message_id=6, slot=100).file_id == ours[6]

    library.want(channel, kinds=frozenset({"document"}))
    library.download()
    assert library.medium(channel, 9).file_id == ours[9]
    assert library.medium(channel, 6).file_id != ours[6]
    assert bring(library, tmp_path / "export") == {"found": 2, "known": 2}


def test_one_that_is_lost_from_the_store_is_fetched_from_telegram(
    library: Library, channel: Channel, tmp_path: Path
) -> None:
    bring(library, export(tmp_path, {6: CARRIED[6]["size"]}))
    Medium.objects.filter(channel=channel, message_id=6).update(
        remote_id=0, file=None, state="skipped"
    )
    StoredFile.objects.all().delete()
    ask_for(channel=channel, message_id=6)
    library.download()
    medium = library.medium(channel, 6)
    assert (medium.remote_id, medium.state) == (506, "done")
    assert medium.file_id == library.sandbox.file("files_of_all", 6)["sha256"]
