"""One batch, one transaction.

Hashes are compared first, so unchanged history costs a look-up and writes nothing. New rows go
straight into the tables by COPY; changed ones through temporary tables, their earlier version
kept as a revision.
"""

from django.db import transaction

from ingestion import dropping, people, signals
from ingestion.records import SOURCE_RANKS
from ingestion.writer import marks
from ingestion.writer.batch import Batch, Claim, Outcome, RunClaim
from ingestion.writer.change import change
from ingestion.writer.compare import compare
from ingestion.writer.counting import count
from ingestion.writer.insert import insert
from ingestion.writer.merge import merge
from tgadmin.lib.copying import binary_cursor


def write(batch: Batch, claim: RunClaim | Claim | None = None) -> Outcome:
    """Write a batch whole or not at all.

    Raises `LeaseLost` (and writes nothing) when the run is no longer this worker's, or the account
    no longer this listener's.
    """
    with transaction.atomic():
        outcome = _write(batch, claim)
        signals.batch_writing.send(Batch, channel_id=batch.channel_id, batch=batch, outcome=outcome)
    signals.batch_committed.send_robust(
        Batch, channel_id=batch.channel_id, batch=batch, outcome=outcome
    )
    return outcome


def weigh(batch: Batch) -> Outcome:
    """What `write` would find: `new`, `changed`, `merged`, `unchanged` and the number of
    `counters`. Writes nothing.
    """
    outcome = Outcome()
    with transaction.atomic():
        if people.hide(batch.channel_id, batch.records, batch.unparsed, batch.peers):
            batch.hash_version = people.MASKED_VERSION
        dropping.drop(binary_cursor(), batch.channel_id, batch.records, only_look=True)
        found = compare(binary_cursor(), batch)
    outcome.new, outcome.changed = sorted(found.new), sorted(found.content)
    outcome.merged, outcome.counters = sorted(found.foreign), len(found.counters)
    outcome.unchanged = found.unchanged
    return outcome


def _write(batch: Batch, claim: RunClaim | Claim | None) -> Outcome:
    cursor = binary_cursor()
    key = {"channel": batch.channel_id, "source": batch.source}
    covered = marks.lock_coverage(cursor, key)
    if people.hide(batch.channel_id, batch.records, batch.unparsed, batch.peers):
        batch.hash_version = people.MASKED_VERSION
    outcome = Outcome()
    outcome.let_go = len(dropping.drop(cursor, batch.channel_id, batch.records))
    found = compare(cursor, batch)
    outcome.new = sorted(found.new)
    outcome.unchanged = found.unchanged
    if found.new:
        insert(cursor, batch, [found.hashed[number] for number in outcome.new])
    if found.content or found.counters:
        change(cursor, key, found, SOURCE_RANKS[batch.source], outcome)
    if found.foreign:
        merge(cursor, batch, found, outcome)
    count(cursor, batch, outcome)
    marks.mark(cursor, key, batch, outcome)
    marks.quarantine(cursor, key, batch, claim, outcome)
    marks.cover(cursor, key, batch, covered)
    marks.total(cursor, batch, found.hashed, outcome)
    people.keep(cursor, batch.channel_id, batch.peers)
    if isinstance(claim, RunClaim):
        marks.advance(cursor, batch, claim, outcome)
    elif claim:
        claim.settle(cursor, batch, outcome)
    return outcome
