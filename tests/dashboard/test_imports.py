"""Uploading an export, looking at what would come, importing it."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ingestion import importing, tasks
from ingestion.models import Channel, Import, Medium, Message
from ingestion.services import imports
from ingestion.writer import write
from tests.factories import make_member, make_workspace
from tests.ingestion.sources.desktop.writer import chat, message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(settings: Any, tmp_path: Path) -> Client:
    settings.IMPORT_DIR = tmp_path / "imports"
    settings.BATCH_SIZE = 10
    client = Client()
    client.force_login(make_member("admin", make_workspace()))
    return client


def export(count: int = 30) -> bytes:
    return json.dumps(chat(message(number) for number in range(1, count + 1))).encode()


def begin(client: Client, data: bytes, **more: str) -> Import:
    answer = client.post(
        reverse("import-begin"), {"name": "result.json", "size": str(len(data)), **more}
    )
    assert answer.status_code == 201, answer.content
    return Import.objects.get(pk=int(answer.json()["page"].strip("/").split("/")[-1]))


def send(client: Client, item: Import, offset: int, piece: bytes) -> tuple[int, int]:
    answer = client.patch(
        reverse("import-file", args=[item.pk]), piece, headers={"Upload-Offset": str(offset)}
    )
    return answer.status_code, int(answer.headers["Upload-Offset"])


def work() -> None:
    """What the worker does, until nothing is queued."""
    for _ in range(50):
        queued = imports.revive()
        if not queued:
            return
        for pk, number in queued:
            importing.work_slice(pk, number)


def test_a_file_in_pieces_is_looked_at_and_then_imported(client: Client) -> None:
    data = export()
    item = begin(client, data)
    half = len(data) // 2
    assert send(client, item, 0, data[:half]) == (204, half)
    # A piece that came already, or too early, is not taken.
    assert send(client, item, 0, data[:half]) == (409, half)
    assert send(client, item, half + 5, b"later") == (409, half)
    address = reverse("import-file", args=[item.pk])
    assert client.head(address).headers["Upload-Offset"] == str(half)
    assert send(client, item, half, data[half:]) == (204, len(data))
    work()

    item.refresh_from_db()
    assert (item.state, item.dry_run, item.report["channels"][0]["new"]) == ("done", True, 30)
    assert not Message.objects.exists()
    page = client.get(reverse("import", args=[item.pk])).content.decode()
    assert "This is what would come" in page

    client.post(reverse("import-start", args=[item.pk]))
    work()
    item.refresh_from_db()
    assert (item.state, item.dry_run) == ("done", False)
    assert Message.objects.count() == 30
    channel = Channel.objects.get()
    assert channel.workspace == item.workspace
    assert not (Path(item.path)).exists()
    assert (
        reverse("channel", args=[channel.pk])
        in client.get(reverse("import", args=[item.pk])).content.decode()
    )
    for name in ("channel", "messages"):
        arguments = [channel.pk] if name == "channel" else []
        assert client.get(reverse(name, args=arguments)).status_code == 200


def test_a_form_without_a_script_brings_a_whole_file(client: Client) -> None:
    file = SimpleUploadedFile("result.json", export(3))
    answer = client.post(reverse("import-upload"), {"file": file, "time_zone": "UTC"})
    item = Import.objects.get()
    assert answer.headers["Location"] == reverse("import", args=[item.pk])
    work()
    item.refresh_from_db()
    assert (item.state, item.report["channels"][0]["new"]) == ("done", 3)


def test_a_file_that_is_something_else_says_so_on_its_page(client: Client) -> None:
    data = b"GIF89a no export"
    item = begin(client, data)
    send(client, item, 0, data)
    work()
    page = client.get(reverse("import", args=[item.pk])).content.decode()
    assert "is no export that tgadmin knows" in page


def test_no_room_and_nonsense_are_refused(client: Client) -> None:
    for name, size in (("a", "999999999999999"), ("a", str(2**48)), ("a", "x"), ("a", "0")):
        answer = client.post(reverse("import-begin"), {"name": name, "size": size})
        assert answer.status_code == 422, size
        assert answer.json()["error"]
    assert not Import.objects.exists()


def test_a_name_that_leads_elsewhere_is_only_a_name(client: Client, settings: Any) -> None:
    item = begin(client, b"{}")
    answer = client.post(reverse("import-begin"), {"name": "../../etc/x.json", "size": "2"})
    assert answer.status_code == 201
    other = Import.objects.exclude(pk=item.pk).get()
    assert (other.file_name, other.path) == ("x.json", f"upload-{other.pk}")
    assert {file.name for file in settings.IMPORT_DIR.iterdir()} == {item.path, other.path}


def test_pause_resume_and_cancel_between_batches(client: Client) -> None:
    data = export()
    item = begin(client, data)
    send(client, item, 0, data)
    work()
    imports.start(item=item)
    client.post(reverse("import-pause", args=[item.pk]))
    item.refresh_from_db()
    assert item.state == "paused"
    work()
    assert not Message.objects.exists()
    client.post(reverse("import-resume", args=[item.pk]))
    client.post(reverse("import-cancel", args=[item.pk]))
    item.refresh_from_db()
    assert item.state == "cancelled"
    client.post(reverse("import-start", args=[item.pk]))
    work()
    assert Message.objects.count() == 30


def test_after_a_kill_it_goes_on_behind_what_is_written(client: Client, monkeypatch: Any) -> None:
    data = export(2_500)
    item = begin(client, data)
    send(client, item, 0, data)
    work()
    imports.start(item=item)
    batches: list[int] = []

    def die(batch: Any) -> Any:
        if len(batches) == 1:
            raise SystemExit
        batches.append(len(batch.records))
        return write(batch)

    monkeypatch.setattr("ingestion.importing.work.write", die)
    ((pk, number),) = imports.revive()
    with pytest.raises(SystemExit):
        importing.work_slice(pk, number)
    monkeypatch.undo()
    there = Message.objects.count()
    assert 0 < there < 2_500
    item.refresh_from_db()
    assert (item.state, item.position) == ("running", there)
    assert imports.revive() == []  # it was heard of a moment ago
    Import.objects.update(heartbeat_at=timezone.now() - imports.FORGOTTEN)
    work()
    item.refresh_from_db()
    row = item.report["channels"][0]
    assert (item.state, row["read"], row["new"], row["unchanged"]) == ("done", 2_500, 2_500, 0)


def test_an_upload_that_nobody_goes_on_with_is_thrown_away(client: Client, settings: Any) -> None:
    begin(client, b"{}")
    Import.objects.update(created_at=timezone.now() - imports.FORGOTTEN * 2)
    tasks.requeue_imports()
    assert not Import.objects.exists()
    assert list(settings.IMPORT_DIR.iterdir()) == []


def test_the_page_says_how_many_files_would_come_and_came(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_DIR = tmp_path / "media"
    settings.MEDIA_FREE_FLOOR = 0
    settings.STORAGES = {
        **settings.STORAGES,
        "media-local": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media" / "store"},
        },
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        posts = [message(1, file="files/a.txt"), message(2, file="files/gone.txt")]
        archive.writestr("result.json", json.dumps(chat(posts)))
        archive.writestr("files/a.txt", "a" * 2048)
    data = packed.getvalue()
    item = begin(client, data)
    send(client, item, 0, data)
    work()
    shown = client.get(reverse("import", args=[item.pk])).content.decode()
    assert "1 file of the messages, 2.0\xa0KB, would come" in shown
    assert "1: files that the export names and that are not in it" in shown
    assert not Medium.objects.exists()
    client.post(reverse("import-start", args=[item.pk]))
    work()
    shown = client.get(reverse("import", args=[item.pk])).content.decode()
    assert "1 file of the messages, 2.0\xa0KB, came" in shown
    assert Medium.objects.get().state == "done"
