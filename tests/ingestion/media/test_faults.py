"""What can go wrong with a file, and what becomes of it."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from telethon.crypto import AuthKey

from ingestion import downloads, holding, usage
from ingestion.leases import Priority
from ingestion.media import lines
from ingestion.models import AccountBudget, Channel, FloodWait, MediaLine, Medium, StoredFile
from ingestion.services import media
from tests.ingestion.media.library import Library, states

pytestmark = pytest.mark.fault

GET = "upload.getFile"


def soon(channel: Channel) -> None:
    """Waits are over."""
    Medium.objects.filter(channel=channel).update(not_before=None)
    MediaLine.objects.filter(pk=channel.pk).update(not_before=timezone.now())


def whole(library: Library, channel: Channel, message_id: int) -> bool:
    medium = library.medium(channel, message_id)
    truth = library.sandbox.file(channel.username, message_id)
    return bool(medium.file and medium.file.sha256 == truth["sha256"])


def test_an_expired_reference_is_renewed_through_the_message(
    library: Library, channel: Channel
) -> None:
    # https://core.telegram.org/api/file-references
    library.sandbox.fault("file_reference_expired", GET, skip=2)
    since = library.sandbox.last_request()
    library.fetch(channel, 2)
    assert whole(library, channel, 2)
    assert len(library.requests(since, "channels.getMessages")) == 2


def test_a_key_that_telethon_cannot_hold_is_agreed_on_anew(
    library: Library, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in 256 begins with a zero, which it leaves out."""
    hashed: list[int] = []
    calc = AuthKey.calc_new_nonce_hash

    def first_is_another(key: AuthKey, new_nonce: int, number: int) -> int:
        hashed.append(number)
        return int(calc(key, new_nonce, number)) + (len(hashed) == 1)

    monkeypatch.setattr(AuthKey, "calc_new_nonce_hash", first_is_another)
    library.fetch(channel, 2)
    assert whole(library, channel, 2)
    assert len(hashed) == 2


@pytest.mark.parametrize("kind", ["short_part", "long_part"])
def test_a_part_of_another_length_is_fetched_again(
    library: Library, channel: Channel, kind: str
) -> None:
    library.sandbox.fault(kind, GET, skip=1)
    medium = library.fetch(channel, 2)
    assert medium.state == "waiting"
    assert medium.error_code in {"MEDIA_SHORT", "MEDIA_SIZE"}
    assert medium.file is None
    soon(channel)
    library.download()
    assert whole(library, channel, 2)


def test_other_bytes_are_found_by_telegrams_hash_and_only_they_come_again(
    library: Library, channel: Channel
) -> None:
    # https://core.telegram.org/method/upload.getFileHashes
    library.sandbox.fault("wrong_part", GET, skip=4)
    medium = library.fetch(channel, 2)
    assert (medium.state, medium.error_code) == ("waiting", "MEDIA_HASH")
    assert not StoredFile.objects.filter(size=3_300_000).exists()
    assert 0 < medium.offset < 3_300_000
    since = library.sandbox.last_request()
    soon(channel)
    library.download()
    assert whole(library, channel, 2)
    assert len(library.requests(since)) < 6


def test_a_flood_wait_rests_the_line_and_loses_no_byte(library: Library, channel: Channel) -> None:
    library.sandbox.fault("flood_wait", GET, seconds=30, skip=3)
    library.fetch(channel, 2)
    line = library.line(channel)
    assert (line.state, line.error_code) == ("waiting", "FLOOD_WAIT")
    medium = library.medium(channel, 2)
    assert (medium.state, medium.attempts) == ("pending", 0)
    assert medium.offset > 0
    FloodWait.objects.all().delete()
    AccountBudget.objects.all().delete()  # it would wait for as long as it was told to
    since = library.sandbox.last_request()
    soon(channel)
    library.download()
    assert whole(library, channel, 2)
    # the video's parts that were there are not asked for again
    assert len(library.requests(since)) <= 7 - medium.offset // (512 * 1024)


def test_another_slice_does_not_ask_before_the_wait_is_over(
    library: Library, channel: Channel
) -> None:
    from ingestion.errors import FloodWait as Wait

    usage.note_wait(library.world.account.pk, Wait(seconds=60, method=GET))
    since = library.sandbox.last_request()
    library.fetch(channel, 1)
    assert library.line(channel).state == "waiting"
    assert library.requests(since) == []


def test_telegrams_own_trouble_is_tried_again_and_given_up_at_last(
    library: Library, channel: Channel
) -> None:
    library.sandbox.fault("internal", GET, count=None)
    library.fetch(channel, 1)
    for _ in range(6):
        soon(channel)
        library.download()
    medium = library.medium(channel, 1)
    assert (medium.state, medium.file) == ("failed", None)
    assert library.line(channel).failed_files == 1
    library.sandbox.clear_faults()
    assert media.retry_failed(channel=channel) == 1
    library.download()
    assert whole(library, channel, 1)


def test_one_broken_file_does_not_stop_the_others(library: Library, channel: Channel) -> None:
    library.sandbox.fault("file_id_invalid", GET)
    library.want(channel, kinds=frozenset({"document"}))
    library.download()
    found = list(states(channel).values())
    assert (found.count("failed"), found.count("done")) == (1, 4)


def test_a_file_of_a_deleted_message_fails_with_a_sentence(
    library: Library, channel: Channel
) -> None:
    posted = library.sandbox.post("files_of_all", "x", media={
        "kind": "document", "id": 990, "size": 100, "mime": "text/plain"})  # fmt: skip
    library.world.sync(channel)
    library.sandbox.delete("files_of_all", posted["id"])
    medium = library.fetch(channel, posted["id"])
    assert (medium.state, medium.error_code) == ("failed", "MEDIA_GONE")


def test_the_quota_rests_downloads_until_there_is_room(
    library: Library, channel: Channel, settings: Any
) -> None:
    settings.MEDIA_QUOTA = 100_000
    library.want(channel)
    library.download()
    line = library.line(channel)
    assert (line.state, line.error_code) == ("waiting", "MEDIA_QUOTA")
    assert sum(StoredFile.objects.values_list("size", flat=True)) <= 100_000
    settings.MEDIA_QUOTA = 0
    lines.revive()
    assert library.line(channel).state == "waiting"
    soon(channel)
    library.download()
    assert set(states(channel).values()) == {"done"}


def test_the_floor_of_free_space_rests_them_too(
    library: Library, channel: Channel, settings: Any
) -> None:
    settings.MEDIA_FREE_FLOOR = 1 << 60
    library.fetch(channel, 1)
    assert library.line(channel).error_code == "MEDIA_DISK_FULL"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where this user may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_full_rests_downloads_which_go_on_when_there_is_room(
    library: Library, channel: Channel, settings: Any, small_disk: Path
) -> None:
    settings.MEDIA_DIR = small_disk
    # The write itself fails, not the look at the disk before it.
    settings.MEDIA_FREE_FLOOR = -(1 << 60)
    library.fetch(channel, 2)
    line, medium = library.line(channel), library.medium(channel, 2)
    assert (line.state, line.error_code) == ("waiting", "MEDIA_DISK_FULL")
    assert (medium.state, medium.attempts) == ("pending", 0)
    assert 0 < medium.offset <= 2 << 20
    remount = ["mount", "-o", "remount,size=30m", str(small_disk)]
    subprocess.run(remount, check=True)
    soon(channel)
    library.download()
    assert whole(library, channel, 2)


def test_no_beginning_of_a_file_stays_behind(
    library: Library, channel: Channel, settings: Any
) -> None:
    from ingestion.downloads import outcomes

    parts = Path(settings.MEDIA_DIR) / "parts"
    library.sandbox.fault("flood_wait", GET, seconds=30, skip=3)
    library.fetch(channel, 2)
    assert len(list(parts.iterdir())) == 1
    media.cancel(channel=channel, user=None)
    assert library.line(channel).state == "idle"
    assert library.medium(channel, 2).state == "skipped" or library.medium(channel, 2).thumb
    outcomes.sweep_parts()
    assert not list(parts.iterdir())


def test_a_slice_gives_way_to_whoever_goes_first_and_keeps_what_it_has(
    library: Library, channel: Channel, settings: Any
) -> None:
    settings.MEDIA_PARTS = 1
    account = library.world.account
    library.sandbox.fault("slow", GET, seconds=0.6, count=None)
    library.want(channel, kinds=frozenset({"video"}))
    [(channel_id, number)] = media.claim_due()

    def work() -> None:
        try:
            downloads.work_slice(channel_id=channel_id, slice_number=number)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    while library.medium(channel, 2).offset == 0:
        thread.join(0.05)
    lease = holding.acquire(account.pk, Priority.UPDATE, patience=15)
    assert lease is not None
    holding.release(lease)
    thread.join()
    medium = library.medium(channel, 2)
    assert (medium.state, medium.attempts, library.line(channel).state) == ("pending", 0, "queued")
    assert 0 < medium.offset < 3_300_000
    library.sandbox.clear_faults()
    library.download()
    assert whole(library, channel, 2)
