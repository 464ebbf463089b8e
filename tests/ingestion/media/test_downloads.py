"""From a message to a file in the store."""

import pytest

from ingestion import holding
from ingestion.leases import Priority
from ingestion.media import store
from ingestion.models import Channel, Medium, StoredFile
from ingestion.services import media
from tests.ingestion.media.library import CARRIED, Library, states

pytestmark = pytest.mark.slow


def test_nothing_is_downloaded_until_somebody_wants_it(library: Library, channel: Channel) -> None:
    wanted = {n for n in CARRIED if n != 10}
    assert states(channel) == dict.fromkeys(wanted, "skipped")
    assert library.download() == 0
    row = library.medium(channel, 2)
    assert (row.kind, row.size, row.mime, row.name, row.duration) == (
        "video", 3_300_000, "video/mp4", "long.mp4", 12.0,
    )  # fmt: skip


def test_one_photo_is_downloaded_and_stored_under_its_hash(
    library: Library, channel: Channel
) -> None:
    medium = library.fetch(channel, 1)
    truth = library.sandbox.file("files_of_all", 1)
    assert medium.state == "done"
    assert medium.file
    assert (medium.file.sha256, medium.file.size) == (truth["sha256"], truth["size"])
    assert (medium.file.mime, medium.file.width, medium.file.height) == ("image/jpeg", 800, 600)
    with store.open_file(medium.file) as file:
        assert len(file.read()) == truth["size"]
    assert {s for n, s in states(channel).items() if n != 1} == {"skipped"}
    assert library.line(channel).state == "idle"


def test_every_file_of_a_channel_comes_byte_for_byte(library: Library, channel: Channel) -> None:
    library.want(channel)
    library.download()
    for row in Medium.objects.filter(channel=channel).select_related("file"):
        truth = library.sandbox.file("files_of_all", row.message_id)
        assert row.state == "done", row.error
        assert row.file
        assert (row.file.sha256, row.file.size) == (truth["sha256"], truth["size"])
    line = library.line(channel)
    assert (line.wanted_files, line.done_files, line.failed_files) == (9, 9, 0)
    assert line.done_bytes == line.wanted_bytes


def test_the_same_file_from_ten_channels_is_stored_once(library: Library) -> None:
    channels = [library.archived(f"copy_{n}") for n in range(10)]
    library.want(None)
    library.download()
    rows = Medium.objects.filter(channel__in=channels)
    assert rows.filter(state="done").count() == 10
    assert len({row.file_id for row in rows}) == 1
    assert StoredFile.objects.filter(mime="application/pdf").count() == 1


@pytest.mark.parametrize(
    ("holder", "asked", "starts"),
    [
        (Priority.LISTENER, False, True),
        (Priority.BACKFILL, False, False),
        (Priority.BACKFILL, True, True),
        (Priority.UPDATE, True, False),
    ],
)
def test_files_start_where_the_account_is_held_by_somebody_who_gives_way(
    library: Library, channel: Channel, holder: Priority, asked: bool, starts: bool
) -> None:
    library.want(channel)
    if asked:
        media.ask_for(channel=channel, message_id=2)
    lease = holding.acquire(library.world.account.pk, holder)
    assert lease is not None
    assert bool(media.claim_due()) is starts
    holding.release(lease)
