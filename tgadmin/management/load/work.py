"""What goes on while people read: an import that writes batches, and an export after the other."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import connection

from archive.exports import FORMATS, stream
from ingestion.models import Channel
from ingestion.records import MessageRecord, Page
from ingestion.services import channels as service
from ingestion.writer import Batch, write
from tgadmin.management.supervisor.programs import BACKGROUND
from workspaces.models import Workspace

BATCH = 1_000
#: Where what is written goes, and what is taken away again in the end.
TITLE = "Load test"
_PEER = -1_009_999_999_999


class _Nowhere:
    """Takes an export, and forgets it."""

    def write(self, block: bytes) -> int:
        return len(block)


@contextmanager
def going_on(workspace: Workspace, exported: list[Channel]) -> Iterator[dict[str, int]]:
    """Write and export until the block ends; how many messages each did so far."""
    done = {"written": 0, "exported": 0}
    over = threading.Event()
    channel, _ = Channel.objects.get_or_create(
        workspace=workspace,
        peer_id=_PEER,
        defaults={"title": TITLE, "kind": "broadcast", "enabled": False},
    )

    def imports() -> None:
        while not over.is_set():
            write(_batch(channel, done["written"]))
            done["written"] += BATCH

    def exports() -> None:
        while exported and not over.is_set():
            done["exported"] += stream(exported, format=FORMATS["csv"], sink=_Nowhere())

    threads = [threading.Thread(target=_with_connection, args=[one]) for one in (imports, exports)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()
        service.remove(channel=channel, delete_messages=True)
        channel.delete()


def _with_connection(work: Callable[[], None]) -> None:
    with contextlib.suppress(AttributeError, OSError):  # Linux has it, and each thread its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND)
    try:
        work()
    finally:
        connection.close()


def _batch(channel: Channel, behind: int) -> Batch:
    since = datetime(2020, 1, 1, tzinfo=UTC)
    batch = Batch(channel.pk, "desktop")
    records = [_record(number, since) for number in range(behind + 1, behind + BATCH + 1)]
    batch.add(Page(records, [], behind + 1, behind + BATCH, proves_absence=False))
    return batch


def _record(number: int, since: datetime) -> MessageRecord:
    return MessageRecord(
        message_id=number,
        date=since + timedelta(minutes=number),
        edit_date=None,
        sender_id="",
        author="",
        text=f"Message {number} of a load test, with words as people write them " * 4,
        entities=[],
        kind="text",
        media_meta=None,
        reply_to=None,
        forward=None,
        grouped_id=None,
        topic_id=None,
        links=[],
        hashtags=[],
        views=number % 1000,
        forwards=0,
        replies=None,
        reactions={},
        raw={"_": "Message", "id": number},
    )
