"""Channels that are being added, and what an account is in."""

from datetime import timedelta
from typing import Any

import orjson
from django.utils import timezone

from ingestion.models import Account, AccountCall, Adding, AddingLine, Channel, Dialog
from workspaces.models import User

#: The shortest thing that begins and ends as a JPEG does, as base64.
JPEG = "/9j/2Q=="


def answered(
    account: Account, kind: str, answer: dict[str, Any] | None, **more: Any
) -> AccountCall:
    """A call as its holder leaves it behind."""
    now = timezone.now()
    return AccountCall.objects.create(
        account=account,
        kind=kind,
        state="failed" if answer is None else "answered",
        answer=None if answer is None else orjson.dumps(answer).decode(),
        created_at=now - timedelta(seconds=2),
        answered_at=now,
        **more,
    )


def answer_call(call: AccountCall, answer: dict[str, Any] | None, error: str = "") -> None:
    """As the holder of the account does."""
    call.state = "failed" if answer is None else "answered"
    call.answer = None if answer is None else orjson.dumps(answer).decode()
    call.error, call.error_code = error, "X" if error else ""
    call.answered_at = timezone.now()
    call.save()


def preview(**fields: Any) -> dict[str, Any]:
    """What the call `preview` answers."""
    return {
        "ref": "@new_one",
        "peer_id": -1_000_000_900_000,
        "title": "Приливы и карты",
        "kind": "broadcast",
        "username": "tidal_charts",
        "members": 18_203,
        "about": "Tide tables for the north coast, twice a day.",
        "photo": None,
        "newest": {"id": 7, "date": "2026-11-20T10:00:00+00:00", "text": "High", "kind": "text"},
        "channel_id": None,
        "removed": False,
        "is_private": False,
        "access": "open",
        **fields,
    }


def make_adding(account: Account, user: User, channel: Channel) -> Adding:
    """One line of each sort: found, by invite, here already, wrong, and one that is looked at."""
    adding = Adding.objects.create(workspace=account.workspace, account=account, user=user)
    invite = preview(
        title="Night trains", username="", is_private=True, access="join", newest=None, peer_id=None
    )
    there = preview(title=channel.title, username=channel.username, channel_id=channel.pk)
    lines: list[dict[str, Any]] = [
        {"ref": "@tidal_charts", "preview": answered(account, "preview", preview(photo=JPEG))},
        {"ref": "https://t.me/+kQ2vYw7LmZ0", "preview": answered(account, "preview", invite)},
        {"ref": "-1000000000100", "preview": answered(account, "preview", there)},
        {"error": "“@harbor..weather” is no name of a channel.", "error_code": "X"},
        {"ref": "@slow_answer"},
    ]
    for position, line in enumerate(lines):
        text = line.get("ref", "@harbor..weather")
        AddingLine.objects.create(adding=adding, position=position, text=text, **line)
    return adding


def make_dialogs(account: Account, channels: list[Channel]) -> None:
    """The account is in two channels that are archived and in three that are not."""
    rows = [(c.title, c.username, c.peer_id, c.kind) for c in channels[:2]]
    rows += [
        ("Приливы и карты", "tidal_charts", -1_000_000_900_001, "broadcast"),
        ("=cmd()", "", -1_000_000_900_002, "supergroup"),
        ("قطارات الليل", "night_trains", -1_000_000_900_003, "forum"),
    ]
    for position, (title, username, peer_id, kind) in enumerate(rows):
        Dialog.objects.create(
            account=account,
            peer_id=peer_id,
            access_hash=9_007_199_254_740_993 + position,
            kind=kind,
            title=title,
            username=username,
            members=1200 + position,
            is_private=not username,
            position=position,
            seen_at=timezone.now() - timedelta(minutes=5),
        )
