"""The PII audit: every message of some channels is looked through, slice by slice. How far it got is
on its row, so it can be killed at any moment and goes on; nothing is kept but counts and some masked
examples.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from archive.models import PiiAudit
from archive.redacting import everybody
from archive.redaction import Kind, People, Span, find
from ingestion.errors import InputError
from ingestion.models import Channel, ChannelTotals, Message, MessageRevision
from tgadmin.lib import databases
from tgadmin.lib.told import tell
from workspaces.models import User, Workspace
from workspaces.services import audit

logger = logging.getLogger(__name__)

#: Messages that are read at a time.
STEP: Final = 2_000
#: Examples that are kept of a kind.
EXAMPLES: Final = 20
#: Characters of one, before and behind what was found.
_AROUND: Final = 16
_MOST_CHANNELS: Final = 500


@transaction.atomic
def request(
    *, workspace: Workspace, channels: Sequence[Channel], user: User | None = None
) -> PiiAudit:
    """Begin to look; the tick has it done. The caller has checked whose the channels are."""
    if not channels:
        raise InputError(
            "AUDIT_NOTHING", "There is no channel to look through.", "Choose at least one."
        )
    keys = [channel.pk for channel in channels[:_MOST_CHANNELS]]
    totals = ChannelTotals.objects.filter(channel__in=keys).aggregate(all=Sum("messages"))
    made = PiiAudit.objects.create(
        workspace=workspace,
        channels=keys,
        rows_expected=totals["all"] or 0,
        requested_by=user,
    )
    target = channels[0].title if len(keys) == 1 else workspace.name
    audit(workspace=workspace, user=user, action="pii.audit", target=target, channels=len(keys))
    return made


def cancel(*, audit: PiiAudit) -> None:
    """The worker sees it after at most one step."""
    rows = PiiAudit.objects.filter(pk=audit.pk, state=PiiAudit.State.RUNNING)
    rows.update(state=PiiAudit.State.CANCELLED, ended_at=timezone.now())


def due() -> list[int]:
    """Audits that have work to do."""
    rows = PiiAudit.objects.filter(state=PiiAudit.State.RUNNING).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:20])


def work(*, audit_id: int, seconds: float) -> bool:
    """Step after step for so many seconds; whether something is left."""
    until = time.monotonic() + seconds
    audit = PiiAudit.objects.select_related("workspace").filter(pk=audit_id).first()
    if audit is None or not audit.is_active:
        return False
    try:
        people = everybody(audit.workspace)
        while _step(audit, people):
            if time.monotonic() >= until:
                return True
    except databases.AWAY:
        raise  # the tick asks again
    except Exception as error:  # of one message's odd content, for instance: it would come again
        logger.exception("PII audit %s failed", audit_id)
        PiiAudit.objects.filter(pk=audit_id, state=PiiAudit.State.RUNNING).update(
            state=PiiAudit.State.FAILED,
            ended_at=timezone.now(),
            error=tell(
                "Something unexpected went wrong (%(error)s). What was found until then is below.",
                "The log of the workers says more.",
                error=type(error).__name__,
            ),
        )
    return False


def _step(audit: PiiAudit, people: People) -> bool:
    """The next messages; a conditional update notes them, so that none is counted twice."""
    here = PiiAudit.objects.filter(
        pk=audit.pk,
        state=PiiAudit.State.RUNNING,
        done_channels=audit.done_channels,
        done_message=audit.done_message,
    )
    if audit.done_channels >= len(audit.channels):
        here.update(state=PiiAudit.State.DONE, ended_at=timezone.now())
        return False
    channel = audit.channels[audit.done_channels]
    rows = list(
        Message.objects.filter(channel=channel, message_id__gt=audit.done_message)
        .order_by("message_id")
        .values("message_id", "text", "author", "media_meta", "forward", "links")[:STEP]
    )
    found: Counter[Kind] = Counter()
    messages = 0
    if rows:
        earlier = _earlier(channel, rows[0]["message_id"], rows[-1]["message_id"])
        for row in rows:
            there = list(_found(row, earlier.get(row["message_id"], ()), people))
            found.update(span.kind for _, span in there)
            messages += bool(there)
            _keep_examples(audit, channel, row["message_id"], there)
        audit.done_message = rows[-1]["message_id"]
    else:
        audit.done_channels += 1
        audit.done_message = 0
    counts = audit.counts.setdefault(str(channel), {})
    for kind, number in found.items():
        counts[kind.value] = counts.get(kind.value, 0) + number
    return bool(
        here.update(
            done_channels=audit.done_channels,
            done_message=audit.done_message,
            rows=F("rows") + len(rows),
            messages=F("messages") + messages,
            counts=audit.counts,
            examples=audit.examples,
        )
    )


def _earlier(channel: int, low: int, high: int) -> dict[int, list[str]]:
    """Texts that messages had before they were edited."""
    texts: dict[int, list[str]] = {}
    rows = MessageRevision.objects.filter(channel=channel, message_id__range=(low, high))
    for number, text in rows.values_list("message_id", "text"):
        texts.setdefault(number, []).append(text)
    return texts


def _found(
    row: Mapping[str, Any], earlier: Sequence[str], people: People
) -> Iterator[tuple[str, Span]]:
    for text in (row["text"], row["author"], *earlier, *row["links"]):
        if text:
            yield from ((text, span) for span in find(text, people=people))
    for text in _strings(row["media_meta"]):
        yield from ((text, span) for span in find(text, people=people))
    for text in _strings(row["forward"]):
        yield from ((text, span) for span in find(text, people=people))


def _strings(value: Any, name: str = "") -> Iterator[str]:
    """Texts of a tree: file names, polls, contacts. Ids and types are no texts."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, name)
    elif isinstance(value, str) and value and not name.endswith(("id", "type", "date")):
        if name in {"phone", "phone_number"} and not value.startswith("+"):
            value = f"+{value}"
        yield value.replace("_", " ") if name == "file_name" else value


def _keep_examples(
    audit: PiiAudit, channel: int, message_id: int, there: Sequence[tuple[str, Span]]
) -> None:
    for text, span in there:
        kept = audit.examples.setdefault(span.kind.value, [])
        if len(kept) < EXAMPLES:
            others = [one for words, one in there if words is text and one is not span]
            kept.append([channel, message_id, masked(_blank(text, others), span)])


def _blank(text: str, spans: Sequence[Span]) -> str:
    """Of the same length, without what else was found in it."""
    for span in spans:
        text = text[: span.start] + "•" * (span.end - span.start) + text[span.end :]
    return text


def masked(text: str, span: Span) -> str:
    """What was found, with its first and last two characters, between some of the words around it,
    which say nothing else that was found.
    """
    words = text[span.start : span.end]
    shown = 1 if len(words) < 8 else 2
    middle = words[:shown] + "•" * max(len(words) - 2 * shown, 1) + words[-shown:]
    before = text[max(span.start - _AROUND, 0) : span.start]
    behind = text[span.end : span.end + _AROUND]
    clean = [_without(piece) for piece in (before, behind)]
    return " ".join(f"{clean[0]}{middle}{clean[1]}".split())


def _without(piece: str) -> str:
    """Digits and addresses around it may be cut, and so not be found: they are blank."""
    return "".join("•" if char.isdigit() or char == "@" else char for char in piece)
