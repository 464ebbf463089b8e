"""One batch, one transaction.

Hashes are compared first, so unchanged history costs a look-up and writes nothing. New rows go
straight into the tables by COPY; changed ones through temporary tables, their earlier version
kept as a revision.
"""

from django.db import transaction

from ingestion import dropping, people, signals
from ingestion.records import SOURCE_RANKS
from ingestion.writer import marks
from ingestion.writer import merge as merging
from ingestion.writer.batch import Batch, Claim, Outcome, RunClaim
from ingestion.writer.change import change
from ingestion.writer.compare import compare
from ingestion.writer.counting import count
from ingestion.writer.insert import insert
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
    """What `write` would find: `new`, `changed`, `merged`, `unchanged`, and the numbers of
    `counters` and `let_go`. Writes nothing but temporary tables.
    """
    outcome = Outcome()
    with transaction.atomic():
        cursor = binary_cursor()
        _hide(batch)
        gone = dropping.drop(cursor, batch.channel_id, batch.records, only_look=True)
        outcome.let_go = len(gone)
        found = compare(cursor, batch)
        if found.foreign:
            outcome.merged = merging.weigh(cursor, batch, found)
    outcome.new, outcome.changed = sorted(found.new), sorted(found.content)
    outcome.counters = len(found.counters)
    outcome.unchanged = found.unchanged + len(found.foreign) - len(outcome.merged)
    return outcome


def _hide(batch: Batch) -> None:
    if people.hide(batch.channel_id, batch.records, batch.unparsed, batch.peers):
        batch.hash_version = people.MASKED_VERSION


def _write(batch: Batch, claim: RunClaim | Claim | None) -> Outcome:
    cursor = binary_cursor()
    key = {"channel": batch.channel_id, "source": batch.source}
    covered = marks.lock_coverage(cursor, key)
    _hide(batch)
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
        merging.merge(cursor, batch, found, outcome)
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
