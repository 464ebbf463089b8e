"""Adding several channels at once: looking at each line's channel, then adding those chosen.

Nobody has to keep a page open: the tick (`advance`) posts a few calls at a time, so that none is
void before its turn comes, and gives what was added the settings that it is to begin with.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal

import orjson
from django.db import transaction
from django.utils import timezone

from ingestion.errors import IngestionError, InputError
from ingestion.models import Account, AccountCall, Adding, AddingLine, Channel, Dialog
from ingestion.services import calls, channel_settings, runs
from ingestion.services import channels as single
from ingestion.services.calls import CallResult
from ingestion.services.channel_settings import parse_tags
from tgadmin.lib.told import NOTHING, Told, tell
from workspaces.models import User

#: Calls of one adding that wait at the same time: each takes about two seconds.
AT_ONCE: Final = 4
MOST_LINES: Final = 100
#: After this, nobody looks at the page any more.
PATIENCE: Final = timedelta(minutes=30)

#: Ways to a channel that an account can go (what a preview answers as `access`).
_JOINS: Final = ("join", "approval")
_NO_WAY: Final = ("paid", "closed")

Stage = Literal["looking", "found", "wrong", "adding", "added", "refused", "left"]


@dataclass(frozen=True)
class LineState:
    """A line as the page shows it.

    `looking`: Telegram is asked what it is; `found`: it can be chosen when `can_add`; `wrong`: the
    line leads nowhere. Afterwards `adding`, `added`, `refused`, or `left` out by choice. `error` is
    a sentence with what to do.
    """

    line: AddingLine
    stage: Stage
    found: dict[str, Any] = field(default_factory=dict)
    error: Told = NOTHING
    error_code: str = ""

    @property
    def there(self) -> bool:
        """It is in the workspace already."""
        known = bool(self.found.get("channel_id")) and not self.found.get("removed")
        return known or self.error_code == "DUPLICATE"

    @property
    def joins(self) -> bool:
        """To add it, the account becomes a member; others there can see that."""
        return self.found.get("access") in _JOINS

    @property
    def can_add(self) -> bool:
        blocked = self.there or self.found.get("access") in _NO_WAY
        return self.stage == "found" and not blocked

    @property
    def moves(self) -> bool:
        """Whether it will change by itself."""
        return self.stage in {"looking", "adding"}


def start(*, account: Account, text: str, user: User | None = None) -> Adding:
    """Keep the lines and have each looked at. Raises `InputError` when there are none or too many."""
    lines = single.check_many(workspace=account.workspace, text=text)
    if not lines:
        raise InputError("CHANNEL_EMPTY", "No channel was named.", "Write one on each line.")
    if len(lines) > MOST_LINES:
        raise InputError(
            "TOO_MANY_LINES",
            "These are %(count)s lines.",
            "Add at most %(most)s at once.",
            count=len(lines),
            most=MOST_LINES,
        )
    adding = Adding.objects.create(workspace=account.workspace, account=account, user=user)
    AddingLine.objects.bulk_create(
        AddingLine(
            adding=adding,
            position=position,
            text=line.text[:200],
            ref=str(line.ref) if line.ref else "",
            error_code=line.error.code if line.error else "",
            error=line.error.told if line.error else NOTHING,
        )
        for position, line in enumerate(lines)
    )
    return adding


def start_from_dialogs(
    *, account: Account, dialogs: Sequence[Dialog], user: User | None = None
) -> Adding:
    """Take channels from the account's own list: what they are is known, so nothing is looked at."""
    if len(dialogs) > MOST_LINES:
        raise InputError(
            "TOO_MANY_LINES",
            "These are %(count)s channels.",
            "Add at most %(most)s at once.",
            count=len(dialogs),
            most=MOST_LINES,
        )
    adding = Adding.objects.create(
        workspace=account.workspace, account=account, user=user, looks=False, is_open=False
    )
    AddingLine.objects.bulk_create(
        AddingLine(
            adding=adding, position=position, text=dialog.title[:200], ref=str(dialog.peer_id)
        )
        for position, dialog in enumerate(dialogs)
    )
    return adding


def save(
    *,
    adding: Adding,
    positions: Sequence[int],
    tags: str = "",
    minutes: int | None = None,
    sync: bool = False,
) -> int:
    """Add these lines, with these settings; returns how many they are. Raises `InputError` when
    there are none, and for tags that cannot be.
    """
    kept = parse_tags(tags)
    with transaction.atomic():
        chosen = AddingLine.objects.filter(
            adding=adding, position__in=positions, call=None
        ).exclude(ref="")
        count = chosen.update(chosen=True)
        if not count:
            raise InputError("NOTHING_CHOSEN", "Nothing was ticked.", "Tick what to add.")
        adding.tags, adding.sync_every_minutes, adding.sync_at_once = kept, minutes, sync
        adding.saved_at, adding.is_open = timezone.now(), True
        adding.save(
            update_fields=["tags", "sync_every_minutes", "sync_at_once", "saved_at", "is_open"]
        )
    return count


def again(*, adding: Adding) -> int:
    """Try once more what Telegram refused; returns how many lines that is."""
    with transaction.atomic():
        failed = [item.line.pk for item in states(adding) if item.stage == "refused"]
        AddingLine.objects.filter(pk__in=failed).update(call=None)
        if failed:
            Adding.objects.filter(pk=adding.pk).update(is_open=True)
    return len(failed)


def states(adding: Adding) -> list[LineState]:
    """How each line stands now, in their order. One query."""
    rows = adding.lines.select_related("preview", "call", "channel").order_by("position")
    return [_state(adding, line) for line in rows]


def _state(adding: Adding, line: AddingLine) -> LineState:
    if line.error:
        return LineState(line, "wrong", error=line.error, error_code=line.error_code)
    looked = calls.told(line.preview) if line.preview else None
    found = looked.answer if looked else {}
    if line.chosen:
        return _chosen(line, found)
    state = _looked_at(line, looked) if looked else _unasked(adding, line)
    if adding.saved_at and state.stage != "wrong":
        return LineState(line, "left", found)
    return state


def _looked_at(line: AddingLine, looked: CallResult) -> LineState:
    if looked.state == "waiting":
        return LineState(line, "looking")
    if looked.state == "answered":
        return LineState(line, "found", looked.answer)
    return LineState(line, "wrong", error=looked.error, error_code=looked.error_code)


def _unasked(adding: Adding, line: AddingLine) -> LineState:
    if not adding.looks:
        return LineState(line, "found")
    if adding.is_open:
        return LineState(line, "looking")
    error = tell("This was not looked at in time.", "Start over.")
    return LineState(line, "wrong", error=error, error_code="NO_ANSWER")


def _chosen(line: AddingLine, found: dict[str, Any]) -> LineState:
    done = calls.told(line.call) if line.call else CallResult("waiting")
    if line.channel_id is not None:
        return LineState(line, "added", found)
    if done.state in {"waiting", "answered"}:  # answered, its settings follow with the next tick
        return LineState(line, "adding", found)
    return LineState(line, "refused", found, error=done.error, error_code=done.error_code)


def advance() -> None:
    """For the tick: post the next calls, and settle what was added."""
    with transaction.atomic():
        # Several processes tick; whoever has the row does its work.
        rows = Adding.objects.select_for_update(skip_locked=True, of=("self",))
        for adding in rows.filter(is_open=True).select_related("account", "user"):
            found = states(adding)
            if _settle(adding, found):
                found = states(adding)
            _post(adding, found)


def _settle(adding: Adding, found: Sequence[LineState]) -> bool:
    """Whether any was there to settle."""
    settled = False
    for item in found:
        call = item.line.call
        if item.stage != "adding" or call is None or call.state != AccountCall.State.ANSWERED:
            continue
        key = orjson.loads(call.answer or "{}").get("channel_id")
        channel = Channel.objects.filter(workspace=adding.workspace_id, pk=key).first()
        if channel is not None:
            _begin(adding, channel)
            item.line.channel = channel
            item.line.save(update_fields=["channel"])
            settled = True
    return settled


def _begin(adding: Adding, channel: Channel) -> None:
    """Give a new channel its settings. Tags come on top: it may have been here before."""
    # One that is refused leaves the others as they were wanted; the channel's page tells why.
    if adding.tags:
        with suppress(IngestionError), transaction.atomic():
            tags = ",".join(adding.tags)
            channel_settings.add_tag(channels=[channel], tag=tags, user=adding.user)
    with suppress(IngestionError), transaction.atomic():
        single.set_schedule(channel=channel, minutes=adding.sync_every_minutes, user=adding.user)
    if adding.sync_at_once:
        with suppress(IngestionError), transaction.atomic():
            runs.request_sync(channel=channel, user=adding.user)


def _post(adding: Adding, found: Sequence[LineState]) -> None:
    asked = [_asked(item) for item in found]
    free = AT_ONCE - sum(
        call is not None and item.moves for call, item in zip(asked, found, strict=True)
    )
    next_ones = [
        item for call, item in zip(asked, found, strict=True) if item.moves and call is None
    ]
    expired = not adding.saved_at and adding.created_at < timezone.now() - PATIENCE
    for item in [] if expired else next_ones[: max(free, 0)]:
        line = item.line
        kind = _kind(item)
        call = calls.post(
            account=adding.account, kind=kind, arguments={"ref": line.ref}, user=adding.user
        )
        name = "call" if line.chosen else "preview"
        setattr(line, name, call)
        line.save(update_fields=[name])
    if expired or not any(item.moves for item in found):
        adding.is_open = False
        adding.save(update_fields=["is_open"])


def _asked(item: LineState) -> AccountCall | None:
    return item.line.call if item.line.chosen else item.line.preview


def _kind(item: LineState) -> str:
    if not item.line.chosen:
        return AccountCall.Kind.PREVIEW
    return AccountCall.Kind.JOIN if item.joins else AccountCall.Kind.ADD_CHANNEL
