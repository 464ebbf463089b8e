"""The store: once under its hash, moved, checked, and never collected while it is named."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from ingestion.media import adding, store, upkeep
from ingestion.models import Channel, Medium, StoredFile
from tests.factories import (
    archive_messages,
    make_channel,
    make_member,
    make_record,
    make_workspace,
)
from tests.ingestion.media.library import START
from tgadmin.lib.byteranges import Range


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, Any]]:
    """A server on the loopback interface that speaks S3."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {
        "bucket_name": "files",
        "location": "of/tgadmin",
        "endpoint_url": f"http://{host}:{port}",
        "region_name": "us-east-1",
        "access_key": "key",
        "secret_key": "secret",
    }
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket="files")
    yield options
    server.stop()


@pytest.fixture
def stores(settings: Any, tmp_path: Path, bucket: dict[str, Any], transactional_db: None) -> None:
    settings.MEDIA_DIR = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "media-local": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media" / "store"},
        },
        "media-s3": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": bucket},
    }


def stored(tmp_path: Path, data: bytes, channel: Channel | None = None, number: int = 1) -> Any:
    path = tmp_path / f"new{number}"
    path.write_bytes(data)
    file = adding.store_file(path)
    assert not path.exists()
    if channel:
        Medium.objects.create(
            channel=channel, message_id=number, kind="document", remote_id=number,
            date=timezone.now(), file=file, state="done", want=2,
        )  # fmt: skip
    return file


def content(file: StoredFile) -> bytes:
    file.refresh_from_db()
    with store.open_file(file) as opened:
        return opened.read()


def command(*arguments: str) -> Any:
    import contextlib
    import io
    import sys

    class Out(io.TextIOWrapper):
        pass

    out = io.BytesIO()
    wrapped = Out(out)
    with contextlib.redirect_stdout(wrapped):
        call_command("media", *arguments, "--json", stderr=StringIO())
        sys.stdout.flush()
    return orjson.loads(out.getvalue())


def test_the_same_bytes_are_one_file(stores: None, tmp_path: Path) -> None:
    first, second = stored(tmp_path, b"tea" * 9), stored(tmp_path, b"tea" * 9, number=2)
    assert first == second
    assert StoredFile.objects.count() == 1


def test_a_file_moves_to_a_bucket_and_back(stores: None, tmp_path: Path, settings: Any) -> None:
    channel = make_channel()
    files = [stored(tmp_path, bytes([n]) * 70_000, channel, n) for n in range(1, 6)]
    moving = upkeep.move("s3")
    next(moving)
    next(moving)
    del moving  # interrupted
    assert StoredFile.objects.filter(storage="s3").count() == 2
    assert command("move", "--to", "s3") == {
        "files": 3, "bytes": 210_000, "kept": 0, "missing": 0, "damaged": 0,
    }  # fmt: skip
    for number, file in enumerate(files, 1):
        assert content(file) == bytes([number]) * 70_000
        assert not list(Path(settings.MEDIA_DIR, "store").rglob(file.sha256))
        with_part = store.open_part(file, "", Range(10, 19))
        assert with_part.read() == bytes([number]) * 10
        with_part.close()
    assert command("check")["files"] == 5
    assert command("move", "--to", "local")["files"] == 5
    assert {content(file)[:1] for file in files} == {bytes([n]) for n in range(1, 6)}


def test_new_files_go_to_the_bucket_when_the_settings_say_so(
    stores: None, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_STORE = "s3"
    file = stored(tmp_path, b"in the bucket", make_channel())
    assert file.storage == "s3"
    assert content(file) == b"in the bucket"
    found = command("status")
    assert found["stores"]["s3"] == {"files": 1, "bytes": 13}


def test_people_are_served_from_the_bucket(
    stores: None, tmp_path: Path, settings: Any, client: Client
) -> None:
    settings.MEDIA_STORE = "s3"
    channel = make_channel()
    archive_messages(channel, [make_record(1, kind="document")])
    stored(tmp_path, bytes(range(250)) * 400, channel)
    address = f"/channels/{channel.pk}/media/1/0/file/"
    client.force_login(make_member("viewer", channel.workspace))
    whole = client.get(address)
    assert b"".join(whole.streaming_content) == bytes(range(250)) * 400  # type: ignore[attr-defined]
    part = client.get(address, headers={"range": "bytes=99990-"})
    assert (part.status_code, part["Content-Range"]) == (206, "bytes 99990-99999/100000")
    assert b"".join(part.streaming_content) == bytes(range(240, 250))  # type: ignore[attr-defined]
    client.force_login(make_member("owner", make_workspace("Elsewhere")))
    assert client.get(address).status_code == 404


def test_what_is_damaged_or_missing_is_found_and_fetched_again(
    stores: None, tmp_path: Path
) -> None:
    channel = make_channel()
    good, torn, gone = (stored(tmp_path, bytes([n]) * 500, channel, n) for n in (1, 2, 3))
    place = store.storage("local")
    Path(place.path(store.key(torn.sha256))).write_bytes(b"\x02" * 499 + b"x")
    place.delete(store.key(gone.sha256))
    assert command("check", "--quick")["missing"] == 1
    found = command("check", "--refetch")
    assert (found["missing"], found["damaged"], found["refetched"]) == (1, 1, 2)
    good.refresh_from_db()
    assert good.problem == ""
    rows = dict(Medium.objects.filter(channel=channel).values_list("message_id", "state"))
    assert rows == {1: "done", 2: "pending", 3: "pending"}


def test_orphans_are_collected_after_their_time_and_named_files_never(
    stores: None, tmp_path: Path
) -> None:
    named = stored(tmp_path, b"named", make_channel())
    nobody = stored(tmp_path, b"nobody's", number=2)
    young = stored(tmp_path, b"young", number=3)
    StoredFile.objects.filter(pk__in=[named.pk, nobody.pk]).update(
        stored_at=timezone.now() - timedelta(hours=30)
    )
    assert command("orphans")["files"] == 1
    assert StoredFile.objects.count() == 3
    assert command("orphans", "--delete")["files"] == 1
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {named.pk, young.pk}
    assert not store.exists(nobody)
    assert content(named) == b"named"


def test_a_stray_of_the_disk_is_collected_too(stores: None, tmp_path: Path) -> None:
    import os

    stray = Path(store.storage("local").path(store.key("f" * 64)))
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of a killed worker")
    assert command("orphans", "--delete")["files"] == 0
    os.utime(stray, (START, START))
    assert command("orphans", "--delete")["files"] == 1
    assert not stray.exists()


def test_a_file_that_is_named_at_the_same_moment_stays(stores: None, tmp_path: Path) -> None:
    """Whoever names it holds its lock; the collector waits, looks again, and leaves it."""
    from django.db import connection

    channel = make_channel()
    file = stored(tmp_path, b"in demand")
    StoredFile.objects.update(stored_at=timezone.now() - timedelta(hours=30))
    results: list[int] = []

    def collect() -> None:
        try:
            results.extend(done.files for done in upkeep.orphans(delete=True))
        finally:
            connection.close()

    with store.locked(file.sha256):
        thread = threading.Thread(target=collect)
        thread.start()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not _somebody_waits():
            thread.join(0.02)
        Medium.objects.create(
            channel=channel, message_id=1, kind="document", remote_id=1, date=timezone.now(),
            file=file,
        )  # fmt: skip
    thread.join()
    assert results[-1] == 0
    assert content(file) == b"in demand"


def _somebody_waits() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
