"""How much a policy would download, from what is archived, before it is saved."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection

from ingestion.media import sql
from ingestion.media.planning import top_of
from ingestion.media.wanting import KINDS, Mode, Wish
from ingestion.models import Channel

#: Ids that are looked up at most, over all channels.
SAMPLE: Final = 20_000
#: At least so many of each channel.
LEAST: Final = 200
#: What a small picture weighs: Telegram's of 320 px.
THUMBNAIL_BYTES: Final = 15_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Files and bytes that are not stored yet; `exact` when every message was looked at."""

    files: int
    bytes: int
    #: Those that fit the policy and are stored already.
    stored: int
    exact: bool


def estimate(channels: Iterable[Channel], wish: Wish) -> Estimate:
    """The cost is bounded: of long histories evenly spread ids stand for the rest."""
    if wish.mode in (Mode.NEVER, Mode.METADATA):
        return Estimate(0, 0, 0, exact=True)
    tops = [(channel, top_of(channel)) for channel in channels]
    total = sum(top for _, top in tops) or 1
    files = bytes_ = stored = 0.0
    exact = True
    for channel, top in tops:
        share = max(int(SAMPLE * top / total), LEAST)
        step = max(-(-top // share), 1)
        exact = exact and step == 1
        found, size, there, there_size = _sample(channel, wish, top, step)
        files += (found - there) * step
        bytes_ += (size - there_size) * step
        stored += there * step
    if wish.mode == Mode.THUMBNAILS:
        bytes_ = files * THUMBNAIL_BYTES
    return Estimate(round(files), round(bytes_), round(stored), exact)


def _sample(channel: Channel, wish: Wish, top: int, step: int) -> tuple[int, int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SAMPLE,
            {
                "channel": channel.pk,
                "top": top,
                "step": step,
                "carriers": list(KINDS),
                **wish.parameters(),
            },
        )
        row = cursor.fetchone()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])
