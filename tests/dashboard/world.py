"""A workspace as it is on an ordinary day: runs, gaps, failures, scripts of five languages."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from archive.models import Export, RedactionProfile, SavedSearch
from archive.stats import rollup
from ingestion.models import (
    Account,
    AccountCall,
    AccountListener,
    Adding,
    Channel,
    ChannelAccess,
    ChannelLive,
    ChannelPhoto,
    ChannelTotals,
    Coverage,
    FloodWait,
    Import,
    Medium,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Proxy,
    RunEvent,
    Sender,
    SyncRun,
    WorkerHeartbeat,
)
from sandbox.tl.images import jpeg
from tests.dashboard.adding import make_adding, make_dialogs
from tests.dashboard.copies import MADE, copy_messages
from tests.dashboard.exported import make_exports
from tests.dashboard.imports import make_import
from tests.dashboard.kept import make_kept
from tests.dashboard.senders import make_sender
from tests.dashboard.stored import make_files
from tests.dashboard.titles import CHANNELS
from tgadmin.lib.ranges import IdRanges
from workspaces.models import Invite, Membership, User, Workspace
from workspaces.roles import Role

#: What the first channel shows.
PHOTO = 5_300_000_000_001
JPEG = jpeg(7, 160, 160)
#: What the link of the invite ends with.
INVITED = "an-invite-that-is-open"
#: For how long Telegram wants no requests still.
FLOOD_LEFT = timedelta(seconds=872)


@dataclass
class World:
    """What tests name."""

    workspace: Workspace
    other: Workspace
    people: dict[str, User]
    account: Account
    lost: Account
    channel: Channel
    channels: list[Channel]
    run: SyncRun
    export: Export
    call: AccountCall
    message: Message
    invite: Invite
    adding: Adding
    sender: Sender
    medium: Medium
    imported: Import
    saved: SavedSearch
    profile: RedactionProfile


def make_world(messages: int = 12) -> World:
    """Make it. `messages` rows a channel are enough: totals and coverage say the rest."""
    workspace = Workspace.objects.create(name="City desk")
    other = Workspace.objects.create(name="Language corpus")
    people = _people(workspace, other)
    account, lost = _accounts(workspace)
    channels = [
        _channel(workspace, account, number, row, messages) for number, row in enumerate(CHANNELS)
    ]
    run = _runs(channels, account, people["owner"])
    now = timezone.now()
    FloodWait.objects.create(
        account=account,
        method="messages.GetHistory",
        seconds=1380,
        started_at=now - timedelta(seconds=508),
        until=now + FLOOD_LEFT,
    )
    _listening(account, channels[0])
    for name, role in (
        ("worker-1", "calls + slices"),
        ("tick", "tick"),
        ("listener", "listener"),
    ):
        WorkerHeartbeat.objects.create(
            name=name, role=role, pid=1, started_at=now, seen_at=now - timedelta(seconds=4)
        )
    ChannelPhoto.objects.create(channel=channels[0], photo_id=PHOTO, image=JPEG, seen_at=now)
    export = make_exports(channels[0], people["analyst"])
    call = AccountCall.objects.create(
        account=account,
        kind="add_channel",
        arguments="{}",
        created_at=now,
        requested_by=people["owner"],
    )
    invite = Invite.objects.create(
        workspace=workspace,
        role=Role.ANALYST,
        label="Mariam",
        secret_hash=hashlib.sha256(INVITED.encode()).hexdigest(),
        invited_by=people["owner"],
        expires_at=now + timedelta(days=5),
    )
    make_dialogs(account, channels)
    message = Message.objects.filter(channel=channels[0]).order_by("-message_id")[0]
    saved = SavedSearch.objects.create(
        workspace=workspace, owner=people["analyst"], name="Ferries with pictures", shared=True,
        filters={"q": ["ferry"], "kind": ["photo"], "channel": [str(channels[0].pk)]},
    )  # fmt: skip
    workspace.feeds.update(search=saved)
    return World(
        workspace,
        other,
        people,
        account,
        lost,
        channels[0],
        channels,
        run,
        export,
        call,
        message,
        invite,
        make_adding(account, people["owner"], channels[1]),
        make_sender(channels[0], message),
        make_files(channels[0]),
        make_import(channels[0], people["owner"]),
        saved,
        make_kept(channels[0], people["owner"]),
    )


def _listening(account: Account, channel: Channel) -> None:
    """The first channel is live, and something was heard of it a moment ago."""
    now = timezone.now()
    Channel.objects.filter(pk=channel.pk).update(live=True)
    channel.live = True
    AccountListener.objects.create(
        account=account, state="listening", since=now - timedelta(minutes=9), seen_at=now
    )
    ChannelLive.objects.create(
        channel=channel,
        account=account,
        state="live",
        since=now - timedelta(minutes=9),
        last_event_at=now - timedelta(seconds=12),
        events=48,
    )


def _people(workspace: Workspace, other: Workspace) -> dict[str, User]:
    people = {}
    for role in Role:
        user = User.objects.create_user(role.value, password="pass-" + role.value)
        Membership.objects.create(workspace=workspace, user=user, role=role)
        people[role.value] = user
    people["owner"].first_name = "Vera"
    stranger = User.objects.create_user("stranger", password="pass-stranger")
    Membership.objects.create(workspace=other, user=stranger, role=Role.OWNER)
    people["stranger"] = stranger
    people["guest"] = User.objects.create_user("guest", password="pass-guest")  # of no workspace
    return people


def _accounts(workspace: Workspace) -> tuple[Account, Account]:
    account = Account.objects.create(
        workspace=workspace,
        label="Main",
        phone="+447700900123",
        api_id=12345,
        api_hash="0" * 32,
        session="secret",
        state=Account.State.READY,
        name="Vera L",
        username="vera_l",
        user_id=777,
        last_used_at=timezone.now(),
    )
    lost = Account.objects.create(
        workspace=workspace,
        label="Reader 2",
        phone="+447700900124",
        api_id=12345,
        api_hash="0" * 32,
        state=Account.State.LOST,
        error="Telegram ended this session from another device (SESSION_REVOKED).",
        error_at=timezone.now() - timedelta(hours=11),
    )
    Proxy.objects.create(
        workspace=workspace, kind="socks5", host="proxy.example.org", port=1080, username="vera"
    )
    return account, lost


def _channel(
    workspace: Workspace, account: Account, number: int, row: Any, messages: int
) -> Channel:
    title, username, top, gaps, absent_every, text = row
    now = timezone.now()
    channel = Channel.objects.create(
        workspace=workspace,
        peer_id=-1_000_000_000_100 - number,
        kind="broadcast" if username else "supergroup",
        title=title,
        username=username,
        about="News of the harbour, the trams and the weather, three times a day.",
        members=184_203 // (number + 1),
        is_private=not username,
        top_id=top,
        available_min_id=501 if number == 0 else 0,
        sync_every_minutes=15 if number < 6 and top else None,
        next_run_at=now + timedelta(minutes=6 + number) if number < 6 and top else None,
        last_synced_at=now - timedelta(minutes=3 * number + 1) if top else None,
    )
    ChannelAccess.objects.create(channel=channel, account=account, access_hash=number)
    if not top:
        return channel
    covered = IdRanges.span(1, top) - IdRanges.of(gaps)
    if number == 0:
        covered = covered - IdRanges.span(1, 501)
    Coverage.objects.create(channel=channel, source="mtproto", ranges=covered)
    ChannelTotals.objects.create(
        channel=channel,
        messages=len(covered) - len(covered) // absent_every,
        deleted=23 * number,
        revisions=7 * number,
        first_date=datetime(2017, 3, 4, tzinfo=UTC),
        last_date=now,
    )
    _messages(channel, text, messages, number)
    return channel


def _messages(channel: Channel, text: str, count: int, number: int) -> None:
    now = timezone.now()
    rows = []
    for place in range(min(count, MADE)):
        message_id = channel.top_id - place
        photo = place % 4 == 2
        rows.append(
            Message(
                channel=channel,
                message_id=message_id,
                date=now - timedelta(minutes=3 + 7 * number + 97 * place),
                edit_date=now - timedelta(minutes=2) if place == 1 else None,
                text=text,
                entities=[{"type": "bold", "offset": 0, "length": 9}] if place % 2 else [],
                kind="photo" if photo else "text",
                media_meta={"type": "photo", "width": 1280, "height": 853} if photo else None,
                first_seen_at=now,
                deleted_at=now - timedelta(hours=1) if place == 3 else None,
            )
        )
    Message.objects.bulk_create(rows)
    MessageStats.objects.bulk_create(
        MessageStats(
            channel=channel,
            message_id=row.message_id,
            views=4800 - 31 * place,
            forwards=61,
            replies=place or None,
            reactions={"👍": 412, "❤": 88} if place % 2 else {},
            content_hash=b"",
            hash_version=1,
            counters_hash=b"",
        )
        for place, row in enumerate(rows)
    )
    MessageRaw.objects.bulk_create(
        MessageRaw(
            channel=channel,
            message_id=row.message_id,
            source="mtproto",
            raw={"_": "Message", "id": row.message_id, "message": row.text},
        )
        for row in rows
    )
    copy_messages(channel, count)
    rollup.rebuild(channel.pk)
    MessageRevision.objects.create(
        channel=channel,
        message_id=rows[1].message_id,
        replaced_at=now - timedelta(minutes=2),
        text=text[: len(text) // 2],
        kind="text",
        content_hash=b"",
    )


def _run(channel: Channel, account: Account, kind: str, state: str, **more: Any) -> SyncRun:
    more.setdefault("press", uuid4())
    more.setdefault("done", IdRanges())
    return SyncRun.objects.create(channel=channel, account=account, kind=kind, state=state, **more)


def _runs(channels: list[Channel], account: Account, user: User) -> SyncRun:
    now = timezone.now()
    for hours in range(1, 5):
        ended = now - timedelta(hours=hours)
        _run(
            channels[0],
            account,
            "update",
            "done",
            new=18 * hours,
            changed=hours,
            started_at=ended - timedelta(seconds=3),
            ended_at=ended,
        )
    press = uuid4()
    common = {"press": press, "requested_by": user, "started_at": now - timedelta(seconds=92)}
    _run(channels[0], account, "update", "done", new=18, ended_at=now, **common)
    _run(channels[0], account, "refresh", "queued", planned=IdRanges.span(82_913, 83_412), **common)
    run = _run(
        channels[0],
        account,
        "backfill",
        "running",
        planned=IdRanges.of([(46_112, 48_211), (12_401, 13_180), (61_020, 61_559)]),
        done=IdRanges.of([(61_020, 61_559), (46_700, 48_211)]),
        new=1_171,
        changed=37,
        absent=94,
        rate=142.4,
        requests=31,
        slice=2,
        **common,
    )
    _run(
        channels[6],
        account,
        "backfill",
        "waiting",
        planned=IdRanges.span(200_000, 206_331),
        done=IdRanges.span(205_801, 206_331),
        not_before=now + FLOOD_LEFT,
        error_class="rate_limit",
        error_code="FLOOD_WAIT",
        error="Telegram asked this account to wait 1380 s before the next messages.GetHistory "
        "request. Nothing to do: the run goes on by itself when the time is over.",
        started_at=now - timedelta(minutes=9),
    )
    _tell(run, user)
    _run(channels[3], account, "backfill", "paused", planned=IdRanges.span(1070, 4900))
    _run(
        channels[7],
        account,
        "update",
        "failed",
        error_class="access",
        error_code="CHANNEL_PRIVATE",
        error="Telegram answers that this channel is private (CHANNEL_PRIVATE). Join it again "
        "with the account, or add it through another one.",
        started_at=now - timedelta(hours=11, minutes=1),
        ended_at=now - timedelta(hours=11),
    )
    return run


def _tell(run: SyncRun, user: User) -> None:
    """What went before in a run that goes on."""
    began = run.created_at - timedelta(minutes=30)
    for minute, kind, more in (
        (1, "slice", {"counts": {"new": 900, "absent": 90, "requests": 20}}),
        (2, "flood_wait", {"until": began + timedelta(minutes=25), "text": "A flood wait."}),
        (26, "retry", {"until": began + timedelta(minutes=27), "text": "Telegram stumbled."}),
        (28, "paused", {"user": user}),
    ):
        RunEvent.objects.create(
            run=run,
            kind=kind,
            at=began + timedelta(minutes=minute),
            began_at=began + timedelta(minutes=minute - 1),
            **more,
        )
