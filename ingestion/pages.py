"""Which requests a plan takes, and what a page proves."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ingestion.errors import DataError
from ingestion.models import Message
from ingestion.records import Page
from ingestion.sources.base import Lookup
from tgadmin.lib.ranges import IdRanges

#: What Telegram gives in one answer (https://core.telegram.org/method/messages.getHistory).
PAGE: Final = 100
#: The codes of answers that are not trusted, and that a person may confirm.
UNTRUSTED: Final = ("EMPTY_ANSWER", "TOO_MANY_MISSING")
#: Ids that one page of a confirmed run answers for at most: each archived one of them may have to
#: be asked for by itself, and a slice ends at a page boundary.
CONFIRMED_STRETCH: Final = 500
#: More than this share of known messages missing from one page is an answer not to be trusted …
MOST_VANISHED: Final = 1 / 5
#: … unless they are so few that a person may well have deleted them.
FEW: Final = 5


def spans(todo: IdRanges) -> Iterator[tuple[int, int]]:
    """The stretches to walk, newest first. Ranges closer than a page are walked as one: the
    request that is saved costs more than the messages that are read again.
    """
    joined: list[tuple[int, int]] = []
    for low, high in reversed(todo.pairs):
        if joined and joined[-1][0] - high <= PAGE:
            joined[-1] = (low, joined[-1][1])
        else:
            joined.append((low, high))
    yield from joined


def known_ids(channel_id: int, low: int, high: int) -> list[int]:
    """What is archived of a range and not known to be deleted."""
    return list(
        Message.objects.filter(
            channel_id=channel_id, message_id__range=(low, high), deleted_at__isnull=True
        ).values_list("message_id", flat=True)
    )


def missing(page: Page, known: Sequence[int], *, confirmed: bool = False) -> list[int]:
    """Known ids that the page should hold and does not.

    Raises `DataError` when so many are missing that the answer cannot be trusted, unless a person
    `confirmed` that the channel was emptied.
    """
    if not page.proves_absence:
        return []
    brought = {record.message_id for record in page.records}
    brought.update(item.message_id for item in page.unparsed if item.message_id)
    gone = [number for number in known if number not in brought]
    if confirmed:
        return gone
    if known and not brought:
        raise DataError(
            "EMPTY_ANSWER",
            "Telegram answered with nothing for ids %(low)s–%(high)s, where %(known)s messages are "
            "archived.",
            "Nothing was marked as deleted. If the channel was really emptied, an admin can confirm "
            "it on the run's page.",
            low=page.low,
            high=page.high,
            known=len(known),
        )
    if len(gone) >= FEW and len(gone) > len(known) * MOST_VANISHED:
        raise DataError(
            "TOO_MANY_MISSING",
            "%(gone)s of %(known)s archived messages between %(low)s and %(high)s are missing from "
            "Telegram's answer, too many at once to be trusted.",
            "Nothing was marked as deleted. It is tried again by itself; if they were really deleted, "
            "an admin can confirm it on the run's page.",
            gone=len(gone),
            known=len(known),
            low=page.low,
            high=page.high,
        )
    return gone


async def prove(
    lookup: Callable[[Sequence[int]], Awaitable[Lookup]], page: Page, suspects: Sequence[int]
) -> tuple[Page, list[int]]:
    """Ask for each suspect by its id. Returns the page with what came back after all, and the
    ids that Telegram says are empty: only those are deleted.
    """
    gone: list[int] = []
    for start in range(0, len(suspects), PAGE):
        chunk = suspects[start : start + PAGE]
        answer = await lookup(chunk)
        gone.extend(number for number in chunk if number in answer.empty)
        page = replace(
            page,
            records=[*page.records, *answer.page.records],
            unparsed=[*page.unparsed, *answer.page.unparsed],
            peers=[*page.peers, *answer.page.peers],
        )
    return page, gone
