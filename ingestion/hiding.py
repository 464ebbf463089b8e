"""Taking people out of what was archived before a workspace began to hide them.

In stretches of one channel's messages, each a transaction that waits for that channel's writer;
how far it got is on the policy's row, so it can be killed at any moment and goes on.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import connection, transaction
from django.utils import timezone

from ingestion import people
from ingestion.masking import Mask
from ingestion.models import (
    Channel,
    ChannelAdmin,
    Coverage,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    PeoplePolicy,
    Quarantine,
    Sender,
    SenderChange,
)
from tgadmin.lib import cache

#: Messages that are done in one transaction.
STRETCH: Final = 1_000
_COLUMNS: Final = ("entities", "media_meta", "reply_to", "forward")

#: Of these rows; their hashes are made anew by the next sync, which then counts as no edit.
UPDATE_MESSAGES: Final = """
WITH sent AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, sender_id text,
        author text, entities jsonb, media_meta jsonb, reply_to jsonb, forward jsonb)
), hashes AS (
    UPDATE ingestion_messagestats stats SET hash_version = 0 FROM sent
    WHERE stats.channel_id = %(channel)s AND stats.message_id = sent.message_id
)
UPDATE ingestion_message stored SET sender_id = sent.sender_id, author = sent.author,
    entities = sent.entities, media_meta = sent.media_meta, reply_to = sent.reply_to,
    forward = sent.forward
FROM sent WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
"""

UPDATE_ATTACHED: Final = """
UPDATE ingestion_messagestats stored SET attached = sent.attached
FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, attached jsonb)
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
"""

UPDATE_RAW: Final = """
UPDATE ingestion_messageraw stored SET raw = sent.raw
FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, source text, raw jsonb)
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
  AND stored.source = sent.source
"""

UPDATE_REVISIONS: Final = """
UPDATE ingestion_messagerevision stored SET entities = sent.entities,
    media_meta = sent.media_meta, reply_to = sent.reply_to, forward = sent.forward, raw = sent.raw
FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, replaced_at timestamptz,
    entities jsonb, media_meta jsonb, reply_to jsonb, forward jsonb, raw jsonb)
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
  AND stored.replaced_at = sent.replaced_at
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What of a workspace names people."""

    messages: int = 0
    revisions: int = 0
    senders: int = 0


def look(workspace_id: int, *, most: int = 200_000) -> Found:
    """What `apply_step` would change, among at most so many messages a channel (the newest); of
    more it would be a long wait. Writes nothing.
    """
    mask = Mask(b"look", people.known_bots(workspace_id))
    messages = revisions = 0
    for channel_id in Channel.objects.filter(workspace=workspace_id).values_list("pk", flat=True):
        rows = Message.objects.filter(channel=channel_id).order_by("-message_id")
        for row in rows.values("sender_id", "author", *_COLUMNS)[:most].iterator(STRETCH):
            messages += _masked_message(mask, row) != row
        for row in (
            MessageRevision.objects.filter(channel=channel_id)
            .values(*_COLUMNS, "raw")[:most]
            .iterator(STRETCH)
        ):
            revisions += mask.tree(row) != row
    senders = Sender.objects.filter(workspace=workspace_id, kind=Sender.Kind.USER).count()
    return Found(messages, revisions, senders)


def apply_step(workspace_id: int) -> bool:
    """Do the next stretch; False when there is nothing left."""
    policy = PeoplePolicy.objects.filter(pk=workspace_id, hidden=True, applying=True).first()
    if policy is None:
        return False
    rows = Channel.objects.filter(workspace=workspace_id, pk__gte=policy.done_channel)
    channel_id = rows.order_by("pk").values_list("pk", flat=True).first()
    if channel_id is None:
        _finish(policy)
        return False
    since = policy.done_message if channel_id == policy.done_channel else 0
    mask = Mask(people.key_of(policy), people.known_bots(workspace_id))
    with transaction.atomic():
        list(Coverage.objects.select_for_update().filter(channel=channel_id))
        top, changed = _stretch(mask, channel_id, since)
        moved: dict[str, int] = (
            {"done_channel": channel_id, "done_message": top}
            if top
            else {"done_channel": channel_id + 1, "done_message": 0}
        )
        moved["hidden_messages"] = policy.hidden_messages + changed
        here = PeoplePolicy.objects.filter(
            pk=workspace_id,
            done_channel=policy.done_channel,
            done_message=policy.done_message,
            applying=True,
        )
        if not here.update(**moved):
            # Another worker did this stretch meanwhile: what was done twice is the same.
            return True
        if changed:  # without the writer's signals
            cache.forget_after_commit(workspace_id)
    return True


def _finish(policy: PeoplePolicy) -> None:
    """The records of people go last: what a bot is, was read from their neighbours."""
    with transaction.atomic():
        people_rows = Sender.objects.filter(workspace=policy.workspace_id, kind=Sender.Kind.USER)
        numbers = people_rows.values("peer_id")
        SenderChange.objects.filter(workspace=policy.workspace_id, peer_id__in=numbers).delete()
        people_rows.delete()
        ChannelAdmin.objects.filter(channel__workspace=policy.workspace_id).delete()
        Quarantine.objects.filter(channel__workspace=policy.workspace_id).update(raw=b"")
        PeoplePolicy.objects.filter(pk=policy.pk, applying=True).update(
            applying=False, applied_at=timezone.now()
        )


def _stretch(mask: Mask, channel_id: int, since: int) -> tuple[int, int]:
    """`(highest id of the stretch, messages changed)`; the id is 0 where none is left."""
    rows = list(
        Message.objects.filter(channel=channel_id, message_id__gt=since)
        .order_by("message_id")
        .values("message_id", "sender_id", "author", *_COLUMNS)[:STRETCH]
    )
    if not rows:
        return 0, 0
    span = {"channel": channel_id, "message_id__range": (since + 1, rows[-1]["message_id"])}
    changed = [made for row in rows if (made := _masked_message(mask, row)) != row]
    raws = MessageRaw.objects.filter(**span).values("message_id", "source", "raw")
    stats = MessageStats.objects.filter(**span, attached__isnull=False)
    attached = stats.values("message_id", "attached")
    earlier = MessageRevision.objects.filter(**span)
    revisions = earlier.values("message_id", "replaced_at", "raw", *_COLUMNS)
    for statement, found in (
        (UPDATE_MESSAGES, changed),
        (UPDATE_ATTACHED, _masked(mask, attached)),
        (UPDATE_RAW, _masked(mask, raws)),
        (UPDATE_REVISIONS, _masked(mask, revisions)),
    ):
        if found:
            with connection.cursor() as cursor:
                sent = orjson.dumps(found).decode()
                cursor.execute(statement, {"channel": channel_id, "rows": sent})
    return rows[-1]["message_id"], len(changed)


def _masked(mask: Mask, rows: Any) -> list[dict[str, Any]]:
    return [made for row in rows if (made := mask.tree(row)) != row]


def _masked_message(mask: Mask, row: dict[str, Any]) -> dict[str, Any]:
    """What a channel's posts are signed with is a person's name, too."""
    sender = mask.token(row["sender_id"])
    kept = sender.startswith("-") or sender.isdigit()
    made: dict[str, Any] = {name: mask.tree(row[name]) for name in _COLUMNS}
    return {**row, **made, "sender_id": sender, "author": row["author"] if kept else ""}
