"""Which ids are had, absent, hidden or never asked for; and from that, what to ask for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from ingestion import counters
from ingestion.models import Channel, ChannelTotals, Coverage, LetGo, SyncRun
from tgadmin.lib.ranges import IdRanges

#: How far back Sync now reads again what is archived already.
REFRESH_WINDOW = 500

#: Sources whose answers prove that an id does not exist.
PROVING_SOURCES = (Coverage.Source.MTPROTO,)


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """`messages + absent + let_go = covered` and `covered + hidden + gaps = top_id` (all counts of
    ids). `let_go` are messages that were archived and let go on purpose (`LetGo`), all ones before
    `kept_since` where that is known; they count as covered, since nobody is to ask for them again.

    `outside` are messages that another source brought (a web preview, an export), of which
    Telegram was never asked: they count as gaps, since MTProto has more to tell of them.
    """

    top_id: int
    covered: IdRanges
    gaps: IdRanges
    hidden: IdRanges
    messages: int
    deleted: int
    outside: int = 0
    let_go: int = 0
    kept_since: datetime | None = None
    #: The ids of what was let go, with those in between that never had a message.
    let_go_ranges: IdRanges = field(default_factory=IdRanges)

    @property
    def absent(self) -> int:
        """Ids that Telegram has no message for, and of which none was archived before."""
        return max(len(self.covered) - self.messages - self.let_go, 0)

    @property
    def percent(self) -> float:
        """How much of what may be asked for was answered, 0 … 100; 100 only when all was."""
        return percent_of(len(self.covered), len(self.gaps))


@dataclass(frozen=True, slots=True)
class CoverageCounts:
    """A report without its ranges: how many ids, and how many rows."""

    top_id: int
    available_min_id: int
    covered: int
    hidden: int
    messages: int
    deleted: int
    revisions: int
    let_go: int = 0

    @property
    def gaps(self) -> int:
        """Ids that were never asked for."""
        return self.top_id - self.covered - self.hidden

    @property
    def percent(self) -> float:
        """As `CoverageReport.percent`."""
        return percent_of(self.covered, self.gaps)


def percent_of(covered: int, gaps: int) -> float:
    """How much of what may be asked for was answered, 0 … 100; 100 only when all was."""
    if not covered + gaps:
        return 0.0
    share = 100 * covered / (covered + gaps)
    return share if not gaps else min(share, 99.9)


def covered(channel: Channel) -> IdRanges:
    """The ids answered for by sources that prove absence, and those that were let go."""
    ranges = let_go(channel)
    for row in Coverage.objects.filter(channel=channel, source__in=PROVING_SOURCES):
        ranges |= row.ranges
    return ranges


def let_go(channel: Channel) -> IdRanges:
    """The ids that are not to be asked for again, since they were let go."""
    row = LetGo.objects.filter(channel=channel).first()
    return row.ranges if row else IdRanges()


def kept_since(channel: Channel) -> datetime | None:
    """What was posted before was let go by a rule; None where nothing was."""
    return LetGo.objects.filter(channel=channel).values_list("before", flat=True).first()


def report(channel: Channel, totals: ChannelTotals | None = None) -> CoverageReport:
    """Where the channel stands now; `totals`, where the caller has them already."""
    if totals is None:
        return reports([channel])[channel.pk]
    return _report(channel, _ranges([channel.pk])[channel.pk], totals)


def brought_elsewhere(channel: Channel) -> IdRanges:
    """Ids that sources brought which prove no absence, and that no other was asked for."""
    ranges = IdRanges()
    for row in Coverage.objects.filter(channel=channel).exclude(source__in=PROVING_SOURCES):
        ranges |= row.ranges
    return ranges - covered(channel)


def reports(channels: list[Channel]) -> dict[int, CoverageReport]:
    """The same for many channels, in two queries; by the channel's key."""
    ranges = _ranges([channel.pk for channel in channels])
    totals = ChannelTotals.objects.in_bulk([channel.pk for channel in channels])
    return {
        channel.pk: _report(
            channel,
            ranges.get(channel.pk, _Ranges()),
            totals.get(channel.pk) or ChannelTotals(),
        )
        for channel in channels
    }


@dataclass(slots=True)
class _Ranges:
    """The ids that proving sources answered for, and those that the others brought."""

    proven: IdRanges = field(default_factory=IdRanges)
    brought: IdRanges = field(default_factory=IdRanges)
    let_go: LetGo | None = None


#: Stands where a source does, in the rows of what was let go.
_LET_GO = "let go"


def _ranges(channels: list[int]) -> dict[int, _Ranges]:
    ranges: dict[int, _Ranges] = defaultdict(_Ranges)
    # Every overview asks for both, and few channels have let anything go: one query.
    answered = Coverage.objects.filter(channel_id__in=channels).values_list(
        "channel_id",
        "ranges",
        Cast("source", TextField()),
        Value(0, BigIntegerField()),
        Value(None, DateTimeField()),
    )
    gone = LetGo.objects.filter(channel_id__in=channels).values_list(
        "channel_id",
        "ranges",
        Value(_LET_GO, TextField()),
        "messages",
        "before",
    )
    for channel, ids, source, messages, before in answered.union(gone, all=True):
        found = ranges[channel]
        if source == _LET_GO:
            found.let_go = LetGo(ranges=ids, messages=messages, before=before)
        elif source in PROVING_SOURCES:
            found.proven |= ids
        else:
            found.brought |= ids
    return ranges


def _report(channel: Channel, ranges: _Ranges, totals: ChannelTotals) -> CoverageReport:
    everything = IdRanges.span(1, channel.top_id)
    gone = ranges.let_go or LetGo()
    have = (ranges.proven | gone.ranges) & everything
    hidden = (IdRanges.span(1, channel.available_min_id) & everything) - have
    outside = len(ranges.brought - ranges.proven - gone.ranges)
    return CoverageReport(
        top_id=channel.top_id,
        covered=have,
        gaps=everything - have - hidden,
        hidden=hidden,
        messages=totals.messages - outside,
        deleted=totals.deleted,
        outside=outside,
        let_go=gone.messages,
        kept_since=gone.before,
        let_go_ranges=gone.ranges & everything,
    )


#: Ids that are looked through for absent stretches: 100,000 keys are read in some 40 ms, of which a
#: page can take no more.
ABSENT_WINDOW = 100_000

#: The longest stretches of covered ids without a row, longest first, from `since` on.
_ABSENT_STRETCHES = """
WITH bounds AS (
    SELECT lower(part) AS low, upper(part) - 1 AS high
    FROM ingestion_coverage,
         unnest(ranges * int8multirange(int8range(%(since)s, NULL)) - coalesce(
             (SELECT ranges FROM ingestion_letgo WHERE channel_id = %(channel)s), '{}'
         )) AS part
    WHERE channel_id = %(channel)s AND source = 'mtproto'
), marks AS (
    SELECT message_id, lead(message_id) OVER (ORDER BY message_id) AS following
    FROM (
        SELECT message_id FROM ingestion_message
        WHERE channel_id = %(channel)s AND message_id >= %(since)s
        UNION SELECT low - 1 FROM bounds UNION SELECT high + 1 FROM bounds
    ) AS ids
)
SELECT message_id + 1, following - 1 FROM marks
WHERE following - message_id > %(shortest)s
  AND EXISTS (SELECT FROM bounds WHERE low <= message_id + 1 AND following - 1 <= high)
ORDER BY following - message_id DESC LIMIT %(limit)s
"""


def absent_ranges(channel: Channel, *, shortest: int = 1, limit: int = 50) -> list[tuple[int, int]]:
    """The longest stretches of at least `shortest` absent ids, both ends inclusive, among the
    newest `ABSENT_WINDOW` ids. Reads that part of the key's index: for one channel's page, not for
    lists.
    """
    since = max(channel.top_id - ABSENT_WINDOW, 0) + 1
    with connection.cursor() as cursor:
        cursor.execute(
            _ABSENT_STRETCHES,
            {"channel": channel.pk, "shortest": shortest, "limit": limit, "since": since},
        )
        return [(low, high) for low, high in cursor.fetchall()]


#: When the archived messages next to each stretch were posted.
_POSTED = """
SELECT
    (SELECT date FROM ingestion_message
     WHERE channel_id = %(channel)s AND message_id < low ORDER BY message_id DESC LIMIT 1),
    (SELECT date FROM ingestion_message
     WHERE channel_id = %(channel)s AND message_id > high ORDER BY message_id LIMIT 1)
FROM unnest(%(low)s::bigint[], %(high)s::bigint[]) WITH ORDINALITY AS stretch (low, high, place)
ORDER BY place
"""


def posted(
    channel: Channel, stretches: Sequence[tuple[int, int]]
) -> list[tuple[datetime | None, datetime | None]]:
    """When the nearest archived messages before and after each stretch of ids were posted: ids grow
    with time, so what was in between was posted in between. None where there is no such message.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _POSTED,
            {
                "channel": channel.pk,
                "low": [low for low, _ in stretches],
                "high": [high for _, high in stretches],
            },
        )
        return [(before, after) for before, after in cursor.fetchall()]


#: Reports of many channels as counts, so that no range leaves the database.
_COUNTS = """
SELECT channel.id, channel.top_id, channel.available_min_id,
       (SELECT coalesce(sum(upper(part) - lower(part)), 0) FROM unnest(seen.ids) AS part)::bigint,
       (SELECT coalesce(sum(upper(part) - lower(part)), 0)
        FROM unnest(int8multirange(int8range(
            1, 1 + least(channel.available_min_id, channel.top_id))) - seen.ids) AS part)::bigint,
       coalesce(totals.messages, 0), coalesce(totals.deleted, 0), coalesce(totals.revisions, 0),
       coalesce(gone.messages, 0)
FROM ingestion_channel channel
LEFT JOIN ingestion_channeltotals totals ON totals.channel_id = channel.id
LEFT JOIN ingestion_letgo gone ON gone.channel_id = channel.id
CROSS JOIN LATERAL (
    SELECT (coalesce(gone.ranges, '{}') + coalesce((
        SELECT range_agg(part) FROM ingestion_coverage coverage, unnest(coverage.ranges) AS part
        WHERE coverage.channel_id = channel.id AND coverage.source = ANY(%(sources)s)
    ), '{}')) * int8multirange(int8range(1, 1 + channel.top_id)) AS ids
) AS seen
WHERE channel.id = ANY(%(channels)s::bigint[])
"""


def counts(channels: Sequence[int]) -> dict[int, CoverageCounts]:
    """Where each of these channels stands, by its key, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS, {"channels": list(channels), "sources": [str(s) for s in PROVING_SOURCES]}
        )
        return {row[0]: CoverageCounts(*row[1:]) for row in cursor.fetchall()}


def reports_of(channels: Mapping[int, CoverageCounts]) -> dict[int, CoverageReport]:
    """The reports behind some of these counts, in one query more."""
    ranges = _ranges(list(channels))
    return {
        key: _report(
            Channel(pk=key, top_id=row.top_id, available_min_id=row.available_min_id),
            ranges.get(key, _Ranges()),
            ChannelTotals(messages=row.messages, deleted=row.deleted),
        )
        for key, row in channels.items()
    }


#: `CoverageReport.percent` in millionths, for ordering a list of channels; 0 where nothing is known.
_COMPLETENESS = """
COALESCE((
    SELECT floor(1000000 * spans.have
                 / NULLIF(ingestion_channel.top_id - spans.hidden, 0))::bigint
    FROM (
        SELECT
            (SELECT COALESCE(sum(upper(part) - lower(part)), 0) FROM unnest(seen.ids) AS part)
                AS have,
            (SELECT COALESCE(sum(upper(part) - lower(part)), 0)
             FROM unnest(int8multirange(int8range(1, 1 + LEAST(
                 ingestion_channel.available_min_id, ingestion_channel.top_id))) - seen.ids
             ) AS part) AS hidden
        FROM (
            SELECT (COALESCE((
                SELECT ranges FROM ingestion_coverage
                WHERE channel_id = ingestion_channel.id AND source = 'mtproto'
            ), int8multirange()) + COALESCE((
                SELECT ranges FROM ingestion_letgo WHERE channel_id = ingestion_channel.id
            ), int8multirange())) * int8multirange(int8range(1, 1 + ingestion_channel.top_id)) AS ids
        ) AS seen
    ) AS spans
), 0)
"""


def completeness() -> RawSQL:
    """An annotation for a query of channels: how complete each is, 0 … 1,000,000."""
    return RawSQL(_COMPLETENESS, (), output_field=BigIntegerField())  # noqa: S611, a literal


def plan_backfill(channel: Channel) -> IdRanges:
    """Every gap."""
    return report(channel).gaps


def plan_everything(channel: Channel) -> IdRanges:
    """All that is archived, again."""
    return (covered(channel) - let_go(channel)) & IdRanges.span(1, channel.top_id)


def plan_refresh(channel: Channel, since: datetime) -> IdRanges:
    """The archived part of the newest ids and those whose counters are due, without what other
    runs have read since then.
    """
    window = IdRanges.span(max(1, channel.top_id - REFRESH_WINDOW + 1), channel.top_id)
    read = IdRanges()
    for done in SyncRun.objects.filter(channel=channel, started_at__gte=since).values_list(
        "done", flat=True
    ):
        read |= done
    known = window & covered(channel)
    return (known | counters.due(channel, since)) - read - let_go(channel)
