"""One channel's old messages, part after part: each is a transaction that waits for the channel's
writer, writes the archive file, reads it again, and only then lets the messages go. A kill at any
moment leaves either all of a part in the archive, or its file whole and the part gone.
"""

import logging
import time
from typing import Any, Final

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from archive.models import ChannelDay, RetentionFile, RetentionPolicy, RetentionRun
from archive.retention.parts import write_media, write_part
from archive.retention.policy import held, hold_on, kept, limit
from ingestion import letting_go, sql
from ingestion.errors import IngestionError, InputError
from ingestion.media import keeping, upkeep
from ingestion.models import Channel, Medium, StoredFile
from tgadmin.lib.told import Told, tell
from workspaces.models import User
from workspaces.services import audit

#: Messages of a part: the writer of the channel waits for some seconds.
PART: Final = 5_000

_MOVING: Final = (RetentionPolicy.Action.MOVE, RetentionPolicy.Action.MOVE_MEDIA)

logger = logging.getLogger(__name__)
State = RetentionRun.State

#: Channels that have messages, or stored files, which are too old, no hold, and no run since midnight
#: (UTC).
_DUE: Final = """
SELECT channel.id
FROM ingestion_channel channel
JOIN ingestion_channeltotals totals ON totals.channel_id = channel.id
LEFT JOIN archive_retentionpolicy own ON own.channel_id = channel.id
LEFT JOIN archive_retentionpolicy general
     ON general.workspace_id = channel.workspace_id AND general.channel_id IS NULL
CROSS JOIN LATERAL (
    SELECT CASE WHEN own.id IS NULL THEN general.days ELSE own.days END AS days,
           CASE WHEN own.id IS NULL THEN general.action ELSE own.action END AS action
) AS keeps
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now(), 'UTC') - make_interval(days => keeps.days) AS before
) AS ends
WHERE keeps.days IS NOT NULL AND totals.first_date < ends.before
  AND (keeps.action NOT IN ('move_media', 'delete_media') OR EXISTS (
      SELECT FROM ingestion_medium medium
      WHERE medium.channel_id = channel.id AND medium.date < ends.before
        AND (medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL)
  ))
  AND NOT EXISTS (SELECT FROM archive_retentionhold hold
                  WHERE hold.channel_id = channel.id AND hold.lifted_at IS NULL)
  AND NOT EXISTS (SELECT FROM archive_retentionrun run
                  WHERE run.channel_id = channel.id
                    AND (run.state = 'running' OR run.created_at >= date_trunc('day', now(), 'UTC')))
ORDER BY channel.id LIMIT 100
"""

#: The oldest messages, from the index by date.
_OLDEST: Final = """
SELECT message_id FROM ingestion_message
WHERE channel_id = %(channel)s AND date < %(before)s ORDER BY date, message_id LIMIT %(most)s
"""


def due() -> list[int]:
    """Runs that have work to do."""
    running = RetentionRun.objects.filter(state=State.RUNNING).order_by("pk")
    return list(running.values_list("pk", flat=True)[:100])


def start_due() -> int:
    """For the tick: start today's runs; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        found = [row[0] for row in cursor.fetchall()]
    started = 0
    for channel in Channel.objects.filter(pk__in=found).select_related("workspace"):
        try:
            start(channel=channel)
        except IngestionError:
            continue  # a hold, or another policy, came in between
        started += 1
    return started


def start(*, channel: Channel, user: User | None = None) -> RetentionRun:
    """Let go what is too old by the policy; the run that is under way where there is one. Raises
    `InputError` where everything is kept, or a hold stops it.
    """
    policy = kept(channel)
    if policy.days is None:
        raise InputError(
            "RETENTION_NONE",
            "Messages of “%(title)s” are kept for ever.",
            "Say first for how many days they are to be kept.",
            title=channel.title,
        )
    hold = hold_on(channel)
    if hold:
        raise held(hold)
    before = limit(policy.days)
    if policy.action in RetentionPolicy.OF_MEDIA:
        expected = keeping.count(channel.pk, before=before)
    else:
        days = ChannelDay.objects.filter(channel=channel, day__lt=before.date())
        expected = days.aggregate(messages=Sum("messages"))["messages"] or 0
    try:
        with transaction.atomic():
            run = RetentionRun.objects.create(
                channel=channel,
                action=policy.action,
                before=before,
                messages_expected=expected,
                requested_by=user,
            )
            audit(
                workspace=channel.workspace,
                user=user,
                action="retention.start",
                target=channel.title,
                before=before.date().isoformat(),
                how=policy.action,
                messages=expected,
            )
    except IntegrityError:
        return RetentionRun.objects.get(channel=channel, state=State.RUNNING)
    return run


def work(*, run_id: int, seconds: float) -> bool:
    """Part after part for so many seconds; whether something is left."""
    until = time.monotonic() + seconds
    try:
        while _step(run_id):
            if time.monotonic() >= until:
                return True
    except IngestionError as error:
        _end(run_id, State.FAILED, error.told)
    except OSError as error:
        logger.warning("Retention %s could not write its file", run_id, exc_info=True)
        _end(
            run_id,
            State.FAILED,
            tell(
                "The archive file could not be written (%(error)s). Nothing was let go of it.",
                "Make room on the disk of the directory of archive files; it is tried again "
                "tomorrow, or when you start it.",
                error=error.strerror or error,
            ),
        )
    except DatabaseError:
        raise  # the tick asks again
    except Exception as error:  # of the store of files, for instance
        logger.exception("Retention %s failed", run_id)
        _end(
            run_id,
            State.FAILED,
            tell(
                "Something unexpected went wrong (%(error)s). What is not in a whole file was kept.",
                "The log of the workers says more; it is tried again tomorrow, or when you start it.",
                error=type(error).__name__,
            ),
        )
    return False


def _step(run_id: int) -> bool:
    """One part; False when there is none left, or it may not go on."""
    with transaction.atomic():
        run = (
            RetentionRun.objects.select_for_update(of=["self"])
            .select_related("channel__workspace")
            .filter(pk=run_id, state=State.RUNNING)
            .first()
        )
        if run is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute(sql.LOCK_CHANNEL, {"channel": run.channel_id})
        if hold_on(run.channel):
            _end(run_id, State.HELD)
            return False
        ids = _oldest(run) if _still_wanted(run) else []
        if not ids:
            _end(run_id, State.DONE)
            return False
        names = _files_of(run, ids)
        if run.action in _MOVING:
            _keep(run, ids)
        messages, media = _let_go(run, ids)
        RetentionRun.objects.filter(pk=run_id).update(
            messages=F("messages") + messages, media=F("media") + media
        )
    freed = _collect(names)
    if freed:
        RetentionRun.objects.filter(pk=run_id).update(freed=F("freed") + freed)
    return True


def _let_go(run: RetentionRun, ids: list[int]) -> tuple[int, int]:
    """How many messages and media; of messages that stay, their files alone."""
    if run.of_media:
        return len(ids), keeping.let_go(run.channel_id, ids)
    gone = letting_go.let_go(run.channel_id, ids, before=run.before)
    return gone.messages, gone.media


def _still_wanted(run: RetentionRun) -> bool:
    """Whether the policy, which may have been changed since, lets go as much."""
    policy = kept(run.channel)
    return (
        policy.days is not None and policy.action == run.action and limit(policy.days) >= run.before
    )


def _oldest(run: RetentionRun) -> list[int]:
    if run.of_media:
        return keeping.oldest(run.channel_id, before=run.before, most=PART)
    key: dict[str, Any] = {"channel": run.channel_id, "before": run.before, "most": PART}
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, key)
        return sorted(row[0] for row in cursor.fetchall())


def _keep(run: RetentionRun, ids: list[int]) -> None:
    """The part's file, whole; its row is seen together with what it lets go."""
    number = run.parts + 1
    write = write_media if run.of_media else write_part
    part = write(run.channel, run, number, ids)
    dates = run.channel.messages.filter(message_id__in=ids).order_by("date")
    ends = list(dates.values_list("date", flat=True))
    RetentionFile.objects.create(
        channel=run.channel,
        run=run,
        name=part.name,
        rows=part.rows,
        size=part.manifest.size,
        sha256=part.manifest.sha256,
        media=part.media,
        first_date=ends[0],
        last_date=ends[-1],
    )
    RetentionRun.objects.filter(pk=run.pk).update(parts=number)


def _files_of(run: RetentionRun, ids: list[int]) -> set[str]:
    rows = Medium.objects.filter(channel=run.channel_id, message_id__in=ids)
    pairs = rows.values_list("file_id", "thumb_id")
    return {name for pair in pairs for name in pair if name}


def _collect(names: set[str]) -> int:
    """Delete the stored files that nobody names any more; bytes."""
    files = StoredFile.objects.filter(pk__in=names)
    return sum(file.size for file in files if upkeep.collect(file))


def _end(run_id: int, state: str, error: Told | None = None) -> None:
    with transaction.atomic():
        rows = RetentionRun.objects.filter(pk=run_id, state=State.RUNNING)
        run = rows.select_related("channel__workspace").first()
        told: dict[str, Any] = {"error": error} if error else {}
        if run and rows.update(state=state, ended_at=timezone.now(), **told):
            audit(
                workspace=run.channel.workspace,
                user=None,
                action="retention.end",
                target=run.channel.title,
                messages=run.messages,
                media=run.media,
                state=state,
            )
