"""What is kept of people: sender records with their history, or, where a workspace hides its
people, nothing but keyed hashes of their ids. Both in the batch's transaction.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from ingestion.masking import Forgetting, Mask
from ingestion.models import Channel, ForgottenPerson, PeoplePolicy, Sender
from ingestion.records import HASH_VERSION, MessageRecord, PeerRecord, Unparsed
from tgadmin.lib.copying import BinaryArray

if TYPE_CHECKING:
    import psycopg

#: What the hashes of a masked row's content are numbered with: when
#: people are hidden or shown again, rows are written anew and do not count as edited.
MASKED_VERSION: Final = 1000 + HASH_VERSION

#: Of the sent peers, those that are not stored or are stored otherwise. Cheap: by a unique index.
DIFFERING: Final = """
SELECT sent.peer_id
FROM jsonb_to_recordset(%(peers)s::jsonb)
     AS sent (peer_id bigint, kind text, name text, usernames text[], flags text[], partial boolean)
LEFT JOIN ingestion_sender stored
     ON stored.workspace_id = %(workspace)s AND stored.peer_id = sent.peer_id
WHERE stored.id IS NULL
   OR NOT sent.partial AND (stored.kind, stored.name, stored.usernames, stored.flags::text[])
      IS DISTINCT FROM (sent.kind, sent.name, sent.usernames, sent.flags)
"""

#: In the order of their ids, in every transaction: two of them never wait for each other.
LOCK: Final = """
SELECT peer_id FROM ingestion_sender
WHERE workspace_id = %(workspace)s AND peer_id = ANY(%(ids)b::bigint[])
ORDER BY peer_id FOR UPDATE
"""

#: What they were before they become otherwise.
KEEP_CHANGES: Final = """
INSERT INTO ingestion_senderchange (workspace_id, peer_id, field, before, after, at)
SELECT %(workspace)s, sent.peer_id, pair.field, pair.before, pair.after, now()
FROM jsonb_to_recordset(%(peers)s::jsonb)
     AS sent (peer_id bigint, kind text, name text, usernames text[], flags text[], partial boolean)
JOIN ingestion_sender stored
     ON stored.workspace_id = %(workspace)s AND stored.peer_id = sent.peer_id
CROSS JOIN LATERAL (VALUES
    ('name', stored.name, sent.name),
    ('usernames', array_to_string(stored.usernames, ' '), array_to_string(sent.usernames, ' ')),
    ('flags', array_to_string(stored.flags, ' '), array_to_string(sent.flags, ' '))
) AS pair (field, before, after)
WHERE NOT sent.partial AND pair.before IS DISTINCT FROM pair.after
"""

KEEP: Final = """
INSERT INTO ingestion_sender AS stored
    (workspace_id, peer_id, kind, name, usernames, flags, first_seen_at)
SELECT %(workspace)s, sent.peer_id, sent.kind, sent.name, sent.usernames, sent.flags, now()
FROM jsonb_to_recordset(%(peers)s::jsonb)
     AS sent (peer_id bigint, kind text, name text, usernames text[], flags text[], partial boolean)
ORDER BY sent.peer_id
ON CONFLICT (workspace_id, peer_id) DO UPDATE SET
    kind = excluded.kind, name = excluded.name, usernames = excluded.usernames,
    flags = excluded.flags
WHERE (stored.kind, stored.name, stored.usernames, stored.flags)
      IS DISTINCT FROM (excluded.kind, excluded.name, excluded.usernames, excluded.flags)
"""


def mask_of(channel_id: int, peers: Collection[PeerRecord]) -> Mask | None:
    """How the people of this channel are hidden; None where they are kept."""
    policy = policy_of(channel_id)
    return _mask(policy, peers) if policy and policy.hidden else None


def policy_of(channel_id: int) -> PeoplePolicy | None:
    """How the workspace of a channel has it; None where nobody ever chose."""
    return PeoplePolicy.objects.filter(workspace__channels=channel_id).first()


def forgetting_of(policy: PeoplePolicy) -> Forgetting:
    """Who is forgotten in a workspace."""
    rows = list(ForgottenPerson.objects.filter(workspace=policy.workspace_id))
    return Forgetting(
        key_of(policy),
        ids=frozenset(row.id_hash for row in rows),
        names=frozenset(name for row in rows for name in row.name_hashes),
        removed=frozenset(row.id_hash for row in rows if row.mode == ForgottenPerson.Mode.REMOVE),
    )


def is_forgotten(channel: Channel, peer_id: int) -> bool:
    """Whether nothing is to be kept of this one."""
    policy = PeoplePolicy.objects.filter(workspace=channel.workspace_id, forgets=True).first()
    return policy is not None and forgetting_of(policy).token(str(peer_id)) != str(peer_id)


def _mask(policy: PeoplePolicy, peers: Collection[PeerRecord]) -> Mask:
    bots = {peer.peer_id for peer in peers if peer.kind == "bot"}
    return Mask(key_of(policy), bots | known_bots(policy.workspace_id))


def hide(
    channel_id: int,
    records: dict[int, MessageRecord],
    unparsed: list[Unparsed],
    peers: dict[int, PeerRecord],
) -> bool:
    """Take the people out of a batch where its workspace hides them; whether it does. Records that
    could not be read stay without their bytes then, which may name anybody. Where it hides nobody
    else, those who are forgotten.
    """
    policy = policy_of(channel_id)
    if policy and policy.forgets:
        _forget(forgetting_of(policy), records, unparsed, peers)
    if policy is None or not policy.hidden:
        return False
    mask = _mask(policy, peers.values())
    records.update({number: mask.record(record) for number, record in records.items()})
    unparsed[:] = [replace(item, raw=b"") for item in unparsed]
    for number in [number for number, peer in peers.items() if peer.is_person]:
        del peers[number]
    return True


def _forget(
    forgetting: Forgetting,
    records: dict[int, MessageRecord],
    unparsed: list[Unparsed],
    peers: dict[int, PeerRecord],
) -> None:
    """Messages that are not kept at all are for `dropping` to leave out."""
    for number, record in records.items():
        if not forgetting.is_removed(record.sender_id):
            records[number] = forgetting.record(record)
    unparsed[:] = [replace(item, raw=b"") for item in unparsed]
    for number in [number for number in peers if forgetting.token(str(number)) != str(number)]:
        del peers[number]


def are_hidden(workspace_id: int) -> bool:
    """Whether this workspace keeps no people."""
    return PeoplePolicy.objects.filter(pk=workspace_id, hidden=True).exists()


def key_of(policy: PeoplePolicy) -> bytes:
    """The key of a workspace that hides its people."""
    if not policy.key:
        raise ValueError("A workspace that hides its people has a key")
    return bytes.fromhex(policy.key)


def new_key() -> str:
    """A key for hashes, as it is stored."""
    return secrets.token_hex(32)


def known_bots(workspace_id: int) -> set[int]:
    """The bots that were seen in a workspace."""
    rows = Sender.objects.filter(workspace_id=workspace_id, kind=Sender.Kind.BOT)
    return set(rows.values_list("peer_id", flat=True))


def keep(cursor: "psycopg.Cursor[Any]", channel_id: int, peers: Mapping[int, PeerRecord]) -> None:
    """Write the senders that are new or differ, and what they were before. Nothing is written
    where nothing differs.
    """
    if not peers:
        return
    workspace = Channel.objects.values_list("workspace_id", flat=True).get(pk=channel_id)
    key = {"workspace": workspace}
    found = cursor.execute(DIFFERING, {**key, "peers": _json(peers.values())}).fetchall()
    if not found:
        return
    ids = sorted(row[0] for row in found)
    cursor.execute(LOCK, {**key, "ids": BinaryArray.of_bigints(ids)})
    sent = {**key, "peers": _json(peers[number] for number in ids)}
    cursor.execute(KEEP_CHANGES, sent)
    cursor.execute(KEEP, sent)


def collect(peers: dict[int, PeerRecord], more: Collection[PeerRecord]) -> None:
    """Add to what a batch has; of one that is told twice the later counts, unless it is told in
    short.
    """
    for peer in more:
        there = peers.get(peer.peer_id)
        if there is None or not peer.partial or there.partial:
            peers[peer.peer_id] = peer


def _json(peers: Any) -> str:
    return orjson.dumps([_fields(peer) for peer in peers]).decode()


def _fields(peer: PeerRecord) -> dict[str, Any]:
    return {name: getattr(peer, name) for name in PeerRecord.__slots__}
