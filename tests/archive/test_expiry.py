"""Files whose time has come are deleted; their rows stay and tell of them."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.utils import timezone

from archive import tasks
from archive.downloads import respond
from archive.exports import expiry, files
from archive.exports.work import run_export
from archive.models import Export
from ingestion.models import Channel
from tests.factories import archive_messages, make_record

pytestmark = pytest.mark.django_db(transaction=True)

MakeExport = Callable[..., Export]


@pytest.fixture
def done(make_export: MakeExport, channel: Channel, export_dir: Path) -> Export:
    archive_messages(channel, [make_record(n) for n in range(1, 50)])
    export = make_export("csv")
    run_export(export.pk)
    export.refresh_from_db()
    return export


def expire_now(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())


def test_a_finished_export_is_kept_as_long_as_the_workspace_says(
    done: Export, make_export: MakeExport
) -> None:
    assert done.ended_at
    assert done.expires_at
    assert done.expires_at - done.ended_at == timedelta(days=30)
    done.workspace.keep_exports_days = None
    done.workspace.save()
    forever = make_export("csv")
    run_export(forever.pk)
    forever.refresh_from_db()
    assert (forever.state, forever.expires_at) == ("done", None)


def test_its_file_goes_when_its_time_has_come_and_the_row_tells(done: Export) -> None:
    assert tasks.expire_exports() == []
    assert done.path.exists()
    expire_now(done)
    assert tasks.expire_exports() == [done.pk]
    assert not done.path.exists()
    done.refresh_from_db()
    assert (done.state, done.rows, len(done.sha256)) == ("expired", 49, 64)
    assert tasks.expire_exports() == []
    answer = respond(RequestFactory().get("/"), done)
    assert answer.status_code == 410


def test_what_is_being_downloaded_waits(done: Export) -> None:
    answer = respond(RequestFactory().get("/"), done)
    expire_now(done)
    assert tasks.expire_exports() == []
    assert len(b"".join(answer)) == done.size
    answer.close()
    assert tasks.expire_exports() == [done.pk]


def test_a_compressed_file_goes_too(
    done: Export, make_export: MakeExport, export_dir: Path
) -> None:
    packed = make_export("csv", gzip=True)
    run_export(packed.pk)
    packed.refresh_from_db()
    answer = respond(RequestFactory().get("/"), packed)
    assert answer["Content-Type"] == "application/gzip"
    answer.close()
    expire_now(packed)
    assert tasks.expire_exports() == [packed.pk]
    left = {done.path.name, files.manifest(done).name}
    assert {path.name for path in export_dir.iterdir()} == left


def test_a_file_that_is_gone_already_stops_nothing(done: Export) -> None:
    files.whole(done).unlink()
    expire_now(done)
    assert tasks.expire_exports() == [done.pk]
    done.refresh_from_db()
    assert done.state == "expired"


def test_a_folder_whose_writer_was_killed_is_removed_and_one_in_use_stays(
    export_dir: Path, db: None
) -> None:
    export_dir.mkdir()
    for name in ("tree-left", "tree-held"):
        (export_dir / name).mkdir()
        os.utime(export_dir / name, (0, 0))
    (export_dir / "tree-new").mkdir()
    handle = files.hold(export_dir / "tree-held")
    expiry.expire()
    os.close(handle)
    assert sorted(path.name for path in export_dir.iterdir()) == ["tree-held", "tree-new"]
