"""Pausing an export, and media in a zip."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from archive import services
from archive.exports import heart
from archive.exports.work import run_export
from archive.models import Export
from ingestion.media.adding import store_file
from ingestion.models import Channel, Medium
from tests.archive.test_whole_files import written
from tests.archive.test_work import Intruder
from tests.factories import archive_messages, make_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def export(make_export: Callable[..., Export], channel: Channel, export_dir: Path) -> Export:
    archive_messages(channel, [make_record(n, text="x" * 500) for n in range(1, 2001)])
    return make_export()


def elsewhere(act: Callable[[], object]) -> None:
    """In another connection, as the web does it."""

    def work() -> None:
        act()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_paused_export_goes_on_where_it_was(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def go_on() -> None:
        while not seen:
            if Export.objects.get(pk=export.pk).state == Export.State.PAUSED:
                seen.append("paused")
        assert services.resume(export=export)
        connection.close()

    waiting = threading.Thread(target=go_on)

    def pause() -> None:
        elsewhere(lambda: services.pause(export=export))
        waiting.start()

    intruder = Intruder(monkeypatch, pause)
    original = heart.Heart.progress

    def slow(self: heart.Heart, *figures: Any) -> None:
        if intruder.blocks == 3 and not seen:
            waiting.join()  # the disk is slow, until the heart has seen the wish
        original(self, *figures)

    monkeypatch.setattr(heart.Heart, "progress", slow)
    run_export(export.pk)
    waiting.join()
    export.refresh_from_db()
    assert (export.state, export.rows, export.attempt) == (Export.State.DONE, 2000, 1)
    assert hashlib.sha256(export.path.read_bytes()).hexdigest() == export.sha256
    assert seen == ["paused"]


def test_one_that_is_paused_for_long_gives_its_worker_back_and_begins_anew(
    export: Export, export_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "LONGEST_PAUSE", 0.0)
    monkeypatch.setattr(heart, "BEAT", 0.05)
    paused = threading.Event()
    look = heart.Heart._look

    def looked(self: heart.Heart) -> heart.Stop | None:
        found = look(self)
        if not self._going.is_set():
            paused.set()
        return found

    monkeypatch.setattr(heart.Heart, "_look", looked)

    def pause() -> None:
        elsewhere(lambda: services.pause(export=export))
        paused.wait(20)

    Intruder(monkeypatch, pause)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.worker_token, export.rows) == (Export.State.PAUSED, None, 0)
    assert list(export_dir.iterdir()) == []
    assert services.resume(export=export)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempt) == (Export.State.DONE, 2)


def test_one_that_waits_is_paused_and_cancelled_at_once(export: Export) -> None:
    assert services.pause(export=export)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.PAUSED
    assert services.cancel(export=export)
    assert export.state == Export.State.CANCELLED
    assert not services.resume(export=export)


def test_media_come_once_each_and_never_as_something_that_runs(
    channel: Channel, export_dir: Path, tmp_path: Path, settings: Settings
) -> None:
    archive_messages(channel, [make_record(n, kind="document") for n in (1, 2, 3)])
    picture, page = tmp_path / "a.png", tmp_path / "b.html"
    picture.write_bytes(PNG)
    page.write_bytes(b"<html><script>alert(1)</script></html>")
    files = {1: store_file(picture), 3: store_file(page)}
    files[2] = files[1]
    for number, file in files.items():
        Medium.objects.create(
            channel=channel,
            message_id=number,
            kind="document",
            remote_id=number,
            date=channel.messages.get(message_id=number).date,
            name="b.html" if number == 3 else "a.png",
            state=Medium.State.DONE,
            file=file,
        )
    archive = zipfile.ZipFile(io.BytesIO(written(channel, "jsonl", with_media=True)))
    assert archive.testzip() is None
    lines = [json.loads(line) for line in archive.read("media.jsonl").splitlines()]
    assert [line["message_id"] for line in lines] == [1, 2, 3]
    assert lines[0]["path"] == lines[1]["path"]
    assert archive.read(lines[0]["path"]) == PNG
    assert lines[2]["path"].endswith(".bin")
    assert len(archive.namelist()) == 4
    site = zipfile.ZipFile(io.BytesIO(written(channel, "html", with_media=True)))
    shown = site.read(f"channel-{channel.pk}/1.html").decode()
    assert shown.count("<img ") == 2
    assert f'href="../{lines[2]["path"]}" download' in shown


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
