"""What people do with exports."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from archive import services
from archive.exports import Options
from archive.filters import Filters
from archive.models import Export
from ingestion.errors import InputError
from ingestion.models import Channel
from tests.factories import archive_messages, make_channel, make_member, make_record
from workspaces.access import Forbidden, NotFound, access
from workspaces.models import AuditEvent, User
from workspaces.roles import Permission, Role

pytestmark = pytest.mark.django_db

MakeExport = Callable[..., Export]


def of(channel: Channel, **options: Any) -> dict[str, Any]:
    """Return what says that an export is of this channel."""
    filters = options.pop("filters", Filters())
    filters = replace(filters, channels=(channel.pk,))
    return {"workspace": channel.workspace, "options": Options(filters=filters, **options)}


@pytest.fixture
def owner(channel: Channel) -> User:
    return make_member(Role.OWNER, channel.workspace)


def test_a_request_is_a_queued_export_that_knows_how_many_rows_to_expect(
    channel: Channel, owner: User
) -> None:
    archive_messages(channel, [make_record(n) for n in (1, 2, 3)])
    archive_messages(channel, [], gone=[2])
    whole = services.request_export(**of(channel), format="csv", user=owner)
    rest = services.request_export(**of(channel, with_deleted=False), format="csv")
    assert (whole.state, whole.rows_expected, whole.requested_by) == ("queued", 3, owner)
    assert (rest.rows_expected, rest.requested_by) == (2, None)
    event = AuditEvent.objects.order_by("pk").first()
    assert event
    assert (event.user, event.action, event.target) == (owner, "export.request", "News")
    assert event.details == {
        "export": whole.pk,
        "format": "csv",
        "with_deleted": True,
        "filters": {"channel": [str(channel.pk)]},
    }


def test_the_same_request_twice_is_one_export(channel: Channel) -> None:
    first = services.request_export(**of(channel), format="csv")
    assert services.request_export(**of(channel), format="csv") == first
    assert services.request_export(**of(channel), format="jsonl") != first
    assert services.request_export(**of(make_channel()), format="csv") != first
    services.cancel(export=first)
    assert services.request_export(**of(channel), format="csv") != first


def test_an_unknown_format_is_refused_in_words(channel: Channel) -> None:
    with pytest.raises(InputError, match=r"no export format “xls”.*csv, jsonl"):
        services.request_export(**of(channel), format="xls")


def test_a_queued_export_is_cancelled_at_once(make_export: MakeExport, owner: User) -> None:
    export = make_export()
    assert services.cancel(export=export, user=owner)
    assert export.state == Export.State.CANCELLED
    assert export.ended_at is not None
    assert AuditEvent.objects.get().action == "export.cancel"
    assert not services.cancel(export=export)


def test_a_running_export_is_wished_to_end(make_export: MakeExport) -> None:
    export = make_export(state=Export.State.RUNNING)
    assert services.cancel(export=export)
    assert (export.state, export.cancel_wish, export.ended_at) == ("running", True, None)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_has_ended_is_not_cancelled(make_export: MakeExport, state: str) -> None:
    export = make_export(state=state)
    assert not services.cancel(export=export)
    assert Export.objects.get().state == state
    assert not AuditEvent.objects.exists()


def test_deleting_removes_the_row_and_every_file_of_it(
    make_export: MakeExport,
    export_dir: Path,
    owner: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    export, other = make_export(state="done"), make_export(state="done")
    export_dir.mkdir()
    for name in (f"export-{export.pk}.jsonl", f"export-{export.pk}.1.part"):
        (export_dir / name).write_bytes(b"x")
    kept = export_dir / f"export-{other.pk}.jsonl"
    kept.write_bytes(b"x")
    pk = export.pk
    with django_capture_on_commit_callbacks(execute=True):
        services.delete(export=export, user=owner)
    assert list(Export.objects.all()) == [other]
    assert list(export_dir.iterdir()) == [kept]
    event = AuditEvent.objects.get()
    assert (event.action, event.user, event.details["export"]) == ("export.delete", owner, pk)


def test_who_may_reach_an_export(make_export: MakeExport, channel: Channel, owner: User) -> None:
    export = make_export()
    viewer = make_member(Role.VIEWER, channel.workspace)
    stranger = make_member(Role.OWNER)
    assert access(owner, Export.objects.all(), Permission.EXPORT, pk=export.pk) == export
    assert access(viewer, Export.objects.all(), pk=export.pk) == export
    with pytest.raises(Forbidden):
        access(viewer, Export.objects.all(), Permission.EXPORT, pk=export.pk)
    with pytest.raises(NotFound):
        access(stranger, Export.objects.all(), pk=export.pk)


def test_a_download_is_named_after_the_channel_and_the_day(make_export: MakeExport) -> None:
    export = make_export("csv")
    assert export.download_name == f"news-{export.created_at.date()}.csv"
    channel = export.channel
    assert channel
    channel.username, channel.title = "", "Новини / України"
    assert export.download_name.startswith("новини-україни-")
    channel.title = "🔥"
    assert export.download_name.startswith("channel-")
    # A title as long as Telegram lets it be, in letters of three bytes: file systems take 255.
    channel.title = "頻" * 128
    assert len(export.download_name.encode()) < 200
