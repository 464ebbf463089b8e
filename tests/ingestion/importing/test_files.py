"""Files that lie in an export come into the store, and are named by their messages."""

import io
import json
import os
import signal
import time
import tracemalloc
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from ingestion import importing
from ingestion.importing.report import no_files
from ingestion.media import adding
from ingestion.models import Channel, Import, MediaPolicy, Medium, Message, StoredFile
from ingestion.services import imports
from tests.factories import make_member
from tests.ingestion.importing.running import run_import
from tests.ingestion.importing.test_folders_and_zips import packed
from tests.ingestion.sources.desktop.html_writer import page, post
from tests.ingestion.sources.desktop.writer import chat, message, write
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
PDF = b"%PDF-1.7 " + b"report " * 3_000
VIDEO = b"\0\0\0\x18ftypmp42" + bytes(200_000)


@pytest.fixture(autouse=True)
def media_dir(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    settings.MEDIA_DIR = folder
    settings.MEDIA_FREE_FLOOR = 0
    settings.STORAGES = {
        **settings.STORAGES,
        "media-local": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder / "store"},
        },
    }
    return folder


def picture(number: int = 0) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), (number % 256, number // 256, 90)).save(made, "JPEG")
    return made.getvalue() + b"%d" % number  # two of nearly the same colour are packed alike


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name


def photo(number: int, name: str, **fields: Any) -> dict[str, Any]:
    return message(number, photo=name, width=640, height=480, **fields)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A photo, a video with its small picture, a document twice, and files that are not there."""
    folder = tmp_path / "export"
    put(folder, "photos/photo_1.jpg", picture())
    put(folder, "video_files/film.mp4", VIDEO)
    put(folder, "video_files/film.mp4_thumb.jpg", picture(3))
    put(folder, "files/report 1.pdf", PDF)
    put(folder, "files/again.pdf", PDF)
    film = {
        "file": "video_files/film.mp4",
        "thumbnail": "video_files/film.mp4_thumb.jpg",
        "media_type": "video_file",
        "mime_type": "video/mp4",
        "duration_seconds": 7,
    }
    report = {"file": "files/report 1.pdf", "mime_type": "application/pdf", "file_size": len(PDF)}
    write(
        folder / "result.json",
        chat(
            [
                photo(1, "photos/photo_1.jpg", photo_file_size=len(picture())),
                message(2, **film),
                message(3, **report),
                message(4, file="files\\again.pdf", mime_type="application/pdf"),
                message(5, file=NOT_INCLUDED, mime_type="application/pdf"),
                photo(6, "photos/photo_2.jpg"),
                message(7),
            ]
        ),
    )
    return folder


def files_of(told: dict[str, Any]) -> dict[str, Any]:
    """The figures that are not 0."""
    found: dict[str, Any] = told["channels"][0]["files"]
    return {name: count for name, count in found.items() if count}


CAME = {"found": 4, "stored": 4, "missing": 1, "bytes": len(picture()) + len(VIDEO) + 2 * len(PDF)}


def leftovers(media_dir: Path) -> list[Path]:
    scratch = media_dir / adding.SCRATCH
    return list(scratch.iterdir()) if scratch.exists() else []


@pytest.mark.parametrize("inside", [None, "", "ChatExport/"])
def test_files_of_a_folder_or_a_zip_come_into_the_store(
    export: Path, tmp_path: Path, media_dir: Path, inside: str | None
) -> None:
    path = export if inside is None else packed(export, tmp_path / "export.zip", inside=inside)
    assert files_of(run_import(path)) == CAME

    media = {row.message_id: row for row in Medium.objects.select_related("file", "thumb")}
    assert set(media) == {1, 2, 3, 4}
    assert {row.state for row in media.values()} == {"done"}
    assert media[1].file
    assert media[1].file.has_preview
    assert (media[1].file.width, media[1].file.height, media[1].mime) == (640, 480, "image/jpeg")
    assert media[2].thumb
    assert media[2].thumb.has_preview
    assert (media[2].kind, media[2].duration, media[2].name) == ("video", 7, "")
    # The same file is stored once, whatever it is called.
    assert media[3].file_id == media[4].file_id
    assert StoredFile.objects.count() == 4
    assert media[3].name == "report 1.pdf"
    assert not leftovers(media_dir)


def test_they_are_shown(export: Path, workspace: Workspace) -> None:
    run_import(export)
    channel = Channel.objects.get()
    client = Client()
    client.force_login(make_member("viewer", workspace))
    preview = reverse("medium-preview", args=[channel.pk, 1, 0])
    for address in (
        reverse("gallery") + f"?channel={channel.pk}",
        reverse("message", args=[channel.pk, 1]),
    ):
        assert preview.removesuffix("preview/") in client.get(address).content.decode(), address
    small = client.get(preview)
    assert small.headers["Content-Type"] == "image/webp"
    whole = client.get(reverse("medium-file", args=[channel.pk, 1, 0]))
    assert b"".join(whole.streaming_content) == picture()  # type: ignore[attr-defined]
    for answer in (small, whole):
        answer.close()


def test_importing_again_stores_nothing_new_and_changes_nothing(export: Path) -> None:
    run_import(export)
    before = list(Medium.objects.order_by("message_id").values())
    stored = list(StoredFile.objects.order_by("pk").values())
    assert files_of(run_import(export)) == {"found": 4, "known": 4, "missing": 1}
    assert list(Medium.objects.order_by("message_id").values()) == before
    assert list(StoredFile.objects.order_by("pk").values()) == stored


def test_a_dry_run_says_how_many_files_and_bytes_would_come(export: Path, media_dir: Path) -> None:
    assert files_of(run_import(export, dry_run=True)) == CAME
    assert not Medium.objects.exists()
    assert not (media_dir / "store").exists()
    run_import(export)
    again = files_of(run_import(export, dry_run=True))
    assert again == {"found": 4, "known": 4, "missing": 1}


def test_pages_lead_to_their_files(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    put(folder, "photos/photo 1.jpg", picture())
    put(folder, "photos/photo 1_thumb.jpg", picture(2))
    put(folder, "files/a.pdf", PDF)
    wrap = '<div class="media_wrap clearfix">{}</div>'
    shot = (
        '<a class="photo_wrap clearfix pull_left" href="photos/photo%201.jpg">'
        '<img class="photo" src="photos/photo%201_thumb.jpg"/></a>'
    )
    paper = (
        '<a class="media clearfix pull_left block_link media_file" href="files/{}">'
        '<div class="body"><div class="title bold">a.pdf</div></div></a>'
    )
    place = (
        '<a class="media clearfix pull_left block_link media_location" '
        'href="https://maps.example/?q=1.5,2.5"><div class="body">'
        '<div class="status details">1.5, 2.5</div></div></a>'
    )
    page(
        folder / "messages.html",
        [
            post(1, before=wrap.format(shot)),
            post(2, before=wrap.format(paper.format("a.pdf"))),
            post(3, before=wrap.format(paper.format("gone.pdf"))),
            post(4, before=wrap.format(place)),
        ],
    )
    size = len(picture()) + len(PDF)
    assert files_of(run_import(folder)) == {"found": 2, "stored": 2, "missing": 1, "bytes": size}
    kinds = dict(Medium.objects.values_list("message_id", "kind"))
    assert kinds == {1: "photo", 2: "document"}
    assert files_of(run_import(folder)) == {"found": 2, "known": 2, "missing": 1}


def test_names_that_lead_out_of_the_export_are_none(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    secret = tmp_path / put(tmp_path, "secret.txt", b"password")
    put(folder, "files/a", b"inside")
    (folder / "files" / "link").symlink_to(secret)
    (folder / "out").symlink_to(tmp_path)
    names = ["../secret.txt", str(secret), "files/../../secret.txt", "files/link", "out/secret.txt"]
    names += ["files", "..\\secret.txt", "C:/secret.txt", "x" * 5_000, "a\0b"]
    data = chat(message(n, file=name) for n, name in enumerate(names, 1))
    write(folder / "result.json", data)
    assert files_of(run_import(folder)) == {"missing": len(names)}

    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("result.json", json.dumps(data))
        archive.writestr("../secret.txt", "password")
        link = zipfile.ZipInfo("files/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
    assert files_of(run_import(tmp_path / "e.zip")) == {"missing": len(names)}
    assert not StoredFile.objects.exists()


def test_what_lies_beside_an_upload_is_not_its_own(settings: Any, tmp_path: Path) -> None:
    settings.IMPORT_DIR = tmp_path
    put(tmp_path, "upload-8", b"of somebody else")
    write(tmp_path / "upload-7", chat([message(1, file="upload-8")]))
    assert files_of(run_import(tmp_path / "upload-7")) == {"missing": 1}


def test_the_policy_never_keeps_files_out(export: Path, workspace: Workspace) -> None:
    MediaPolicy.objects.create(workspace=workspace, mode="never")
    told = run_import(export)
    assert told["channels"][0]["new"] == 7
    assert files_of(told) == {"found": 4, "left_out": 4, "missing": 1, "why": {"policy": 4}}
    assert not Medium.objects.exists()
    assert not StoredFile.objects.exists()


def test_without_room_messages_come_and_the_report_says_what_did_not(
    export: Path, settings: Any, media_dir: Path
) -> None:
    settings.MEDIA_QUOTA = len(picture()) + 2 * len(PDF) + 1_000
    told = run_import(export)
    assert told["channels"][0]["new"] == 7
    files = told["channels"][0]["files"]
    assert (files["stored"], files["why"]) == (3, {"no_room": 1})
    assert [problem["message_id"] for problem in told["problems"]] == [2]
    assert "quota" in told["problems"][0]["error"]

    settings.MEDIA_QUOTA = 0
    settings.MEDIA_FREE_FLOOR = 1 << 60
    assert files_of(run_import(export))["why"] == {"no_room": 1}
    settings.MEDIA_FREE_FLOOR = 0
    assert files_of(run_import(export))["stored"] == 1
    assert Medium.objects.filter(state="done").count() == 4
    assert not leftovers(media_dir)


def test_a_damaged_file_stops_no_other(export: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(export.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(export))
    data = bytearray((tmp_path / "e.zip").read_bytes())
    data[data.index(b"ftypmp42") + 100] ^= 0xFF
    (tmp_path / "e.zip").write_bytes(data)
    told = run_import(tmp_path / "e.zip")
    assert (told["state"], told["channels"][0]["new"]) == ("done", 7)
    files = told["channels"][0]["files"]
    assert (files["stored"], files["errors"]) == (3, 1)
    assert "damaged" in told["problems"][0]["error"]


def test_a_file_that_was_cut_is_not_the_messages(export: Path) -> None:
    put(export, "files/report 1.pdf", PDF[:-10])
    told = run_import(export)
    assert told["channels"][0]["files"]["why"] == {"differs": 1}
    assert "another size" in told["problems"][0]["error"]
    assert not Medium.objects.filter(message_id=3).exists()


def test_a_large_file_of_a_zip_is_copied_in_blocks(tmp_path: Path) -> None:
    large = 48 * 2**20
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("result.json", json.dumps(chat([message(1, file="files/large.bin")])))
        archive.writestr("files/large.bin", bytes(large))
    tracemalloc.start()
    try:
        assert files_of(run_import(tmp_path / "e.zip"))["bytes"] == large
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


def uploaded(workspace: Workspace, path: Path) -> Import:
    """An import that a worker has just taken."""
    return Import.objects.create(
        workspace=workspace,
        file_name=path.name,
        path=str(path),
        uploaded=True,
        state="running",
        worker_token=uuid.uuid4(),
        heartbeat_at=timezone.now(),
    )


def killed(item: Import, *, after: int) -> None:
    """A worker that is killed once so many files are stored."""
    assert item.worker_token
    token = item.worker_token
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            importing.Work(item, token).run()
        finally:
            os._exit(0)
    deadline = time.monotonic() + 30
    while Medium.objects.count() < after and time.monotonic() < deadline:
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.slow
def test_killed_in_the_middle_it_loses_nothing_and_leaves_nothing_behind(
    workspace: Workspace, tmp_path: Path, media_dir: Path, settings: Any
) -> None:
    settings.BATCH_SIZE = 1_000
    count = 120
    folder = tmp_path / "export"
    names = [put(folder, f"photos/{n}.jpg", picture(n)) for n in range(1, count + 1)]
    write(folder / "result.json", chat(photo(n, name) for n, name in enumerate(names, 1)))
    item = uploaded(workspace, packed(folder, tmp_path / "export.zip"))

    for after in (10, 40):
        killed(item, after=after)
        assert after <= Medium.objects.count() < count
        assert Message.objects.count() == count
        # What it was copying, as if it had been killed at that moment.
        put(media_dir / adding.SCRATCH, adding.import_path(item.pk).name, b"half a file")
        Import.objects.filter(pk=item.pk).update(worker_token=uuid.uuid4())
        item.refresh_from_db()
    Import.objects.filter(pk=item.pk).update(heartbeat_at=timezone.now() - 2 * imports.FORGOTTEN)
    for pk, number in imports.revive():
        importing.work_slice(pk, number)

    item.refresh_from_db()
    assert item.state == "done"
    row = item.report["channels"][0]
    assert (row["read"], row["new"]) == (count, count)
    size = sum(len(picture(n)) for n in range(1, count + 1))
    assert row["files"] == {**no_files(), "found": count, "stored": count, "bytes": size}
    assert Medium.objects.filter(state="done", file__isnull=False).count() == count
    assert StoredFile.objects.count() == count
    imports.sweep()
    assert not [path for path in leftovers(media_dir) if path.name.startswith("import-")]


def test_what_a_given_up_import_was_copying_is_swept(workspace: Workspace, media_dir: Path) -> None:
    item = uploaded(workspace, Path("/nowhere/export.zip"))
    put(media_dir / adding.SCRATCH, adding.import_path(item.pk).name, b"half a file")
    imports.revive()
    assert len(leftovers(media_dir)) == 1
    Import.objects.filter(pk=item.pk).update(state="cancelled")
    imports.revive()
    assert not leftovers(media_dir)


def test_what_was_being_made_from_a_file_is_swept_once_it_is_old(media_dir: Path) -> None:
    old, fresh = (media_dir / adding.SCRATCH / name for name in ("tmp-old", "tmp-fresh"))
    for folder in (old, fresh):
        put(folder, "preview.webp", b"half")
    os.utime(old, (0, 0))
    imports.sweep()
    assert leftovers(media_dir) == [fresh]
