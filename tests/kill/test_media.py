"""Downloads whose worker is killed in the middle of a part: they go on, nothing comes twice."""

import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from ingestion.models import Channel, Medium, Message, StoredFile
from ingestion.services import media, runs
from tests.kill.conftest import Installer
from tests.kill.installation import Installation, wait_for

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]

SIZE = 20_000_000
PART = 512 * 1024
KILLS = 4
MEDIA = {"kind": "document", "id": 77, "size": SIZE, "mime": "video/mp4", "file_name": "a.mp4"}
CHANNEL = {
    "id": 1_600_000_001,
    "title": "Large",
    "kind": "broadcast",
    "username": "large_file",
    "messages": [{"id": 1, "date": 1_750_000_000, "media": MEDIA}],
}


def offset(channel: Channel, beyond: int) -> int | None:
    """How much is there for certain, once it is two parts more than before."""
    found = Medium.objects.filter(channel=channel).values_list("offset", flat=True).first()
    return found if found and found >= beyond + 2 * PART else None


def archived(place: Installation, channel: Channel) -> Message | None:
    return place.read(lambda: Message.objects.filter(channel=channel).first())


def test_a_worker_that_is_killed_in_the_middle_of_a_part(
    install: Installer, tmp_path: Path
) -> None:
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"channels": [CHANNEL]}))
    # So slow that a file of 40 parts takes some seconds.
    place = install(workers=1, world={"world": world, "delay": 0.4})
    sandbox = place.sandbox
    account = place.connect_account()
    channel = place.add_channel(account, "large_file")
    runs.request_sync(channel=channel)
    wait_for(partial(archived, place, channel), "the message", every=0.05)
    media.ask_for(channel=channel, message_id=1)
    there = since = 0
    for _ in range(KILLS):
        there = wait_for(partial(offset, channel, there), "progress", every=0.02)
        horse = wait_for(partial(place.horse_of, account), "the worker", every=0.02)
        os.kill(horse, signal.SIGKILL)
        since = sandbox.last_request()
    done = Medium.objects.filter(channel=channel, state=Medium.State.DONE)
    wait_for(done.exists, "the whole file", seconds=120, every=0.1)
    truth = sandbox.file("large_file", 1)
    file = StoredFile.objects.get()
    assert (file.sha256, file.size) == (truth["sha256"], truth["size"])
    # What was there before the last kill is not asked for again, but for the part it was in.
    asked = sandbox.requests(since, method="upload.getFile")
    assert min(entry["params"]["offset"] for entry in asked) >= there - PART
    assert len(asked) <= (SIZE - there) // PART + 6
    assert not list((place.data / "media" / "parts").iterdir())
    account.refresh_from_db()
    assert account.state == "ready"
