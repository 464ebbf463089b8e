"""What a run asks for, and what it means that it has been asked for."""

from django.utils import timezone

from ingestion import counters, coverage, surroundings
from ingestion.models import Channel, DeletedHow, SyncRun
from tgadmin.lib.ranges import IdRanges

Kind = SyncRun.Kind


def plan(run: SyncRun) -> IdRanges:
    """The ids that a run asks for; an update's are found by its first request."""
    if run.kind == Kind.BACKFILL:
        return coverage.plan_backfill(run.channel)
    if run.kind == Kind.REPAIR:
        return run.planned or IdRanges()
    if run.accepts_empty:
        return coverage.plan_everything(run.channel)
    return coverage.plan_refresh(run.channel, run.created_at)


def was_done(run: SyncRun) -> None:
    """The plan is done to its end."""
    if run.kind == Kind.UPDATE:
        Channel.objects.filter(pk=run.channel_id).update(last_synced_at=timezone.now())
    elif run.kind == Kind.REFRESH:
        counters.were_read(run.channel_id, run.created_at)
    elif run.kind == Kind.BACKFILL:
        surroundings.count_topics(run.channel)


def how_noticed(run: SyncRun) -> DeletedHow:
    """How a message that this run misses would be known to be gone."""
    again = run.kind in (Kind.REFRESH, Kind.REPAIR)
    return DeletedHow.REFRESH if again else DeletedHow.ABSENCE
