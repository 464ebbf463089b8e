"""Forgetting somebody: out of everything that is archived in a workspace, stretch by stretch.

Rows that could name them are found by PostgreSQL; each is gone through by `masking.Forgetting`, which
also keeps them out of what comes later. Each stretch of one channel's messages is a transaction
that waits for the channel's writer; how far it got is on the row, so it can be killed at any moment
and goes on.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from django.db import connection, transaction
from django.db.models import Q

from ingestion import letting_go, people, sql
from ingestion.masking import Forgetting
from ingestion.models import (
    Channel,
    ChannelAdmin,
    Coverage,
    ForgottenPerson,
    Message,
    PeoplePolicy,
    Quarantine,
    Sender,
    SenderChange,
)
from tgadmin.lib import cache

#: Ids that are looked through in one transaction.
STRETCH: Final = 20_000
#: Messages of somebody that are counted before anything is done.
LOOKED_AT: Final = 10_000
#: Messages that are let go in one.
_BATCH: Final = 1_000

_COLUMNS: Final = ("entities", "media_meta", "reply_to", "forward")

#: The highest id of the next stretch; null when there is none left.
_END: Final = """
SELECT max(message_id) FROM (
    SELECT message_id FROM ingestion_message
    WHERE channel_id = %(channel)s AND message_id > %(since)s ORDER BY message_id LIMIT %(most)s
) AS stretch
"""

#: Rows in which one of the needles stands anywhere.
_MESSAGES: Final = """
SELECT message_id, sender_id, author, text, entities, media_meta, reply_to, forward, links
FROM ingestion_message
WHERE channel_id = %(channel)s AND message_id BETWEEN %(low)s AND %(high)s
  AND (sender_id = %(id)s OR concat_ws(' ', author, text, entities, media_meta, reply_to, forward,
       links) ILIKE ANY (%(needles)s::text[]))
"""
_ATTACHED: Final = """
SELECT message_id, attached FROM ingestion_messagestats
WHERE channel_id = %(channel)s AND message_id BETWEEN %(low)s AND %(high)s
  AND attached::text ILIKE ANY (%(needles)s::text[])
"""
_RAWS: Final = """
SELECT message_id, source, raw FROM ingestion_messageraw
WHERE channel_id = %(channel)s AND message_id BETWEEN %(low)s AND %(high)s
  AND raw::text ILIKE ANY (%(needles)s::text[])
"""
_REVISIONS: Final = """
SELECT message_id, replaced_at, text, entities, media_meta, reply_to, forward, raw
FROM ingestion_messagerevision
WHERE channel_id = %(channel)s AND message_id BETWEEN %(low)s AND %(high)s
  AND concat_ws(' ', text, entities, media_meta, reply_to, forward, raw)
      ILIKE ANY (%(needles)s::text[])
"""

#: Hashes are made anew by the next sync, which then counts as no edit.
_UPDATE_MESSAGES: Final = """
WITH sent AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, sender_id text,
        author text, text text, entities jsonb, media_meta jsonb, reply_to jsonb, forward jsonb,
        links text[])
), hashes AS (
    UPDATE ingestion_messagestats stats SET hash_version = 0 FROM sent
    WHERE stats.channel_id = %(channel)s AND stats.message_id = sent.message_id
)
UPDATE ingestion_message stored SET sender_id = sent.sender_id, author = sent.author,
    text = sent.text, entities = sent.entities, media_meta = sent.media_meta,
    reply_to = sent.reply_to, forward = sent.forward, links = sent.links
FROM sent WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
"""
_UPDATE_ATTACHED: Final = """
UPDATE ingestion_messagestats stored SET attached = sent.attached, hash_version = 0
FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, attached jsonb)
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
"""
#: A hash beside a raw record is of its content.
_UPDATE_RAW: Final = """
WITH sent AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS sent (message_id bigint, source text, raw jsonb)
), hashes AS (
    UPDATE ingestion_messagestats stats SET hash_version = 0 FROM sent
    WHERE stats.channel_id = %(channel)s AND stats.message_id = sent.message_id
)
UPDATE ingestion_messageraw stored SET raw = sent.raw FROM sent
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
  AND stored.source = sent.source
"""
_UPDATE_REVISIONS: Final = """
UPDATE ingestion_messagerevision stored SET text = sent.text, entities = sent.entities,
    media_meta = sent.media_meta, reply_to = sent.reply_to, forward = sent.forward, raw = sent.raw
FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (message_id bigint, replaced_at timestamptz,
    text text, entities jsonb, media_meta jsonb, reply_to jsonb, forward jsonb, raw jsonb)
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
  AND stored.replaced_at = sent.replaced_at
"""
_TREES: Final = {*_COLUMNS, "attached", "raw"}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to look for: a marked id, what they are and were called."""

    peer_id: int
    names: tuple[str, ...]
    usernames: tuple[str, ...]

    @classmethod
    def of(cls, sender: Sender) -> "Subject":
        """With the names that they had before."""
        names, usernames = {sender.name}, set(sender.usernames)
        before = SenderChange.objects.filter(workspace=sender.workspace_id, peer_id=sender.peer_id)
        for field, text in before.values_list("field", "before"):
            if field == SenderChange.Field.NAME:
                names.add(text)
            elif field == SenderChange.Field.USERNAMES:
                usernames.update(text.split())
        return cls(sender.peer_id, tuple(sorted(filter(None, names))), tuple(sorted(usernames)))

    @classmethod
    def from_json(cls, text: str) -> "Subject":
        told = orjson.loads(text)
        return cls(told["peer_id"], tuple(told["names"]), tuple(told["usernames"]))

    def as_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @property
    def words(self) -> list[str]:
        """What names them."""
        return [str(self.peer_id), *self.names, *self.usernames]

    @property
    def spellings(self) -> list[str]:
        """What names them as it stands in a text, and as it stands in JSON, quotes escaped."""
        quoted = (orjson.dumps(word).decode()[1:-1] for word in self.words)
        return list(dict.fromkeys((*self.words, *quoted)))

    @property
    def needles(self) -> list[str]:
        """As patterns of LIKE; of a name of several words also as two fields of JSON say it, in
        either order.
        """
        together = [f"%{_escaped(word)}%" for word in self.spellings]
        return together + [f"%{_escaped(one)}%{_escaped(other)}%" for one, other in self.in_two]

    @property
    def in_two(self) -> list[tuple[str, str]]:
        """A name of several words as two fields of JSON say it, quotes included, in either order."""
        pairs = [
            (_as_field(parts[:place]), _as_field(parts[place:]))
            for parts in (name.split() for name in self.names)
            for place in range(1, len(parts))
        ]
        return [order for pair in pairs for order in (pair, pair[::-1])]


def _as_field(words: list[str]) -> str:
    return orjson.dumps(" ".join(words)).decode()


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True, slots=True)
class Found:
    """What of a workspace names somebody, as far as indexes can tell: their messages, and in how
    many channels. `is_all`: else there are more than were looked at.
    """

    messages: int
    channels: int
    names: int
    is_all: bool


def look(sender: Sender) -> Found:
    """What is known without reading every message: writes nothing, answers at once."""
    rows = Message.objects.filter(
        sender_id=str(sender.peer_id), channel__in=sender.workspace.channels.all()
    )
    found = list(rows.values_list("channel_id", flat=True)[: LOOKED_AT + 1])
    shown = found[:LOOKED_AT]
    names = len(Subject.of(sender).words) - 1
    return Found(len(shown), len(set(shown)), names, is_all=len(found) == len(shown))


def step(person: ForgottenPerson) -> bool:
    """Do the next stretch; False when there is nothing left to look through."""
    if person.subject is None:
        return False
    subject = Subject.from_json(person.subject)
    channels = Channel.objects.filter(workspace=person.workspace_id, pk__gte=person.done_channel)
    channel_id = channels.order_by("pk").values_list("pk", flat=True).first()
    if channel_id is None:
        return False
    since = person.done_message if channel_id == person.done_channel else 0
    policy = PeoplePolicy.objects.get(workspace=person.workspace_id)
    forgetting = people.forgetting_of(policy)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.LOCK_CHANNEL, {"channel": channel_id})
        list(Coverage.objects.select_for_update().filter(channel=channel_id))
        top = _end(channel_id, since)
        counts = dict(person.counts)
        if top:
            span = {"channel": channel_id, "low": since + 1, "high": top}
            for name, number in _stretch(person, forgetting, subject, span).items():
                counts[name] = counts.get(name, 0) + number
        here = ForgottenPerson.objects.filter(
            pk=person.pk, done_channel=person.done_channel, done_message=person.done_message
        )
        moved = (channel_id, top) if top else (channel_id + 1, 0)
        here.update(done_channel=moved[0], done_message=moved[1], counts=counts)
        if counts != person.counts:  # whose authors are others now, without the writer's signals
            cache.forget_after_commit(person.workspace_id)
    person.done_channel, person.done_message = moved
    person.counts = counts
    return True


def _end(channel_id: int, since: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_END, {"channel": channel_id, "since": since, "most": STRETCH})
        return int(cursor.fetchone()[0] or 0)


def _stretch(
    person: ForgottenPerson, forgetting: Forgetting, subject: Subject, span: dict[str, int]
) -> dict[str, int]:
    """What was changed, by what it is."""
    counts: dict[str, int] = {}
    if person.mode == ForgottenPerson.Mode.REMOVE:
        counts |= _remove(subject, span)
    key = {**span, "id": str(subject.peer_id), "needles": subject.needles}
    for name, find, write in (
        ("messages", _MESSAGES, _UPDATE_MESSAGES),
        ("attached", _ATTACHED, _UPDATE_ATTACHED),
        ("raw", _RAWS, _UPDATE_RAW),
        ("revisions", _REVISIONS, _UPDATE_REVISIONS),
    ):
        rows = _rows(find, key)
        changed = [made for row in rows if (made := _masked(forgetting, row)) != row]
        if changed:
            with connection.cursor() as cursor:
                sent = orjson.dumps(changed).decode()
                cursor.execute(write, {"channel": span["channel"], "rows": sent})
        counts[name] = len(changed)
    return counts


def _remove(subject: Subject, span: dict[str, int]) -> dict[str, int]:
    theirs = Message.objects.filter(
        channel=span["channel"],
        message_id__range=(span["low"], span["high"]),
        sender_id=str(subject.peer_id),
    )
    ids = list(theirs.order_by("message_id").values_list("message_id", flat=True))
    removed = files = 0
    for place in range(0, len(ids), _BATCH):
        gone = letting_go.let_go(span["channel"], ids[place : place + _BATCH])
        removed += gone.messages
        files += gone.media
    return {"removed": removed, "files": files}


def _rows(statement: str, key: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, key)
        names = [column.name for column in cursor.description or ()]
        return [
            {
                name: orjson.loads(value) if name in _TREES and isinstance(value, str) else value
                for name, value in zip(names, row, strict=True)
            }
            for row in cursor.fetchall()
        ]


def _masked(forgetting: Forgetting, row: dict[str, Any]) -> dict[str, Any]:
    made = {
        name: forgetting.tree(value) if name in _TREES else value for name, value in row.items()
    }
    if "text" in row:
        made["text"] = forgetting.words(row["text"])
    if "links" in row:
        made["links"] = [forgetting.words(link) for link in row["links"]]
    if "sender_id" in row:
        made["sender_id"] = forgetting.token(row["sender_id"])
        theirs = forgetting.is_author(row["sender_id"], row["author"])
        made["author"] = "" if theirs else row["author"]
    return made


def finish(person: ForgottenPerson) -> dict[str, int]:
    """What stands beside the messages: the record of them, its history, who runs channels, and
    bytes that could not be read. What was removed, by what it is.
    """
    if person.subject is None:
        return {}
    subject = Subject.from_json(person.subject)
    here = Q(workspace=person.workspace_id, peer_id=subject.peer_id)
    admins = ChannelAdmin.objects.filter(
        channel__workspace=person.workspace_id, peer_id=subject.peer_id
    )
    return {
        "changes": SenderChange.objects.filter(here).delete()[0],
        "senders": Sender.objects.filter(here).delete()[0],
        "admins": admins.delete()[0],
        "quarantined": _wipe_unreadable(person.workspace_id, subject),
    }


def _wipe_unreadable(workspace_id: int, subject: Subject) -> int:
    """Records that could not be read are bytes, in which an id is eight of them or its digits."""
    needles = [subject.peer_id.to_bytes(8, "little", signed=True)]
    needles += [word.encode() for word in subject.words]
    rows = Quarantine.objects.filter(channel__workspace=workspace_id).exclude(raw=b"")
    named = [
        row.pk
        for row in rows.only("raw").iterator(_BATCH)
        if any(needle in bytes(row.raw) for needle in needles)
    ]
    return Quarantine.objects.filter(pk__in=named).update(raw=b"")


__all__ = ["Found", "Subject", "finish", "look", "step"]
