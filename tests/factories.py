"""What tests start from: workspaces, people, channels and archived messages."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from ingestion.models import Channel
from ingestion.records import MessageRecord, Page
from ingestion.writer import Batch, Outcome, write
from tgadmin.lib.ranges import IdRanges
from workspaces.models import Membership, User, Workspace
from workspaces.roles import Role

#: When the message with id 0 would have been posted; each next one came a minute later.
WHEN = datetime(2026, 5, 1, 12, tzinfo=UTC)

_numbers = count(1)


def make_workspace(name: str = "Desk") -> Workspace:
    return Workspace.objects.create(name=name)


def make_user(name: str = "", **fields: Any) -> User:
    return User.objects.create_user(username=name or f"person{next(_numbers)}", **fields)


def make_member(role: Role | str, workspace: Workspace | None = None, name: str = "") -> User:
    """Make a person with a role in the workspace, a new one unless it is given."""
    user = make_user(name)
    Membership.objects.create(workspace=workspace or make_workspace(), user=user, role=Role(role))
    return user


def make_channel(workspace: Workspace | None = None, **fields: Any) -> Channel:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "peer_id": -1_000_000_000_000 - number,
        "kind": "broadcast",
        "title": f"Channel {number}",
        "username": f"channel{number}",
    }
    return Channel.objects.create(workspace=workspace or make_workspace(), **{**defaults, **fields})


def make_record(message_id: int, **fields: Any) -> MessageRecord:
    text = fields.get("text", f"Message {message_id}")
    defaults: dict[str, Any] = {
        "date": WHEN + timedelta(minutes=message_id),
        "edit_date": None,
        "sender_id": "",
        "author": "",
        "text": text,
        "entities": [],
        "kind": "text",
        "media_meta": None,
        "reply_to": None,
        "forward": None,
        "grouped_id": None,
        "topic_id": None,
        "links": [],
        "hashtags": [],
        "views": message_id,
        "forwards": 0,
        "replies": None,
        "reactions": {},
        "raw": {"_": "Message", "id": message_id, "message": text},
    }
    return MessageRecord(message_id=message_id, **{**defaults, **fields})


def archive_messages(
    channel: Channel, records: Iterable[MessageRecord], *, gone: Iterable[int] = ()
) -> Outcome:
    """Write the records as one batch that answers for every id up to the highest; `gone` are
    ids that Telegram says are empty."""
    batch = Batch(channel.pk, "mtproto")
    batch.add(Page(list(records), [], 1, 0, proves_absence=True), list(gone))
    batch.answered = batch.covered = IdRanges.span(1, max([*batch.records, *batch.gone], default=0))
    return write(batch)
