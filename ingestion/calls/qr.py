"""Showing a QR code for as long as a person looks at it."""

import time
from datetime import timedelta
from typing import Final

from django.utils import timezone

from ingestion.calls.base import Answer, Line
from ingestion.calls.login import arrive, ask_for_password
from ingestion.models import AccountCall, QrCode
from ingestion.records import LoginToken, PasswordNeeded

#: Seconds for which one call shows the code: below the minute after which nobody waits for it. The
#: page posts the next one.
LONGEST: Final = 40.0
#: Seconds after which the token is asked for again: it may be another, or accepted, and the update
#: that tells so lost.
CHECK: Final = 3.0
#: Seconds between two looks whether somebody else waits.
LOOK: Final = 0.5


async def show_qr(line: Line, _: Answer) -> Answer:
    """Keep `QrCode` up to date until a phone has accepted it, or the time is over, or another call
    waits: one worker answers the calls of all accounts.

    Answers `name`; or `password_needed` and its `hint`; or `shown`: post it again while the person
    looks. The connection is one and the same for as long as it lasts.
    """
    began = time.monotonic()
    while True:
        found = await line.session.login_token()
        if isinstance(found, PasswordNeeded):
            await line.database(_hide, line)
            return await ask_for_password(line, found)
        if not isinstance(found, LoginToken):
            await line.database(_hide, line)
            return await arrive(line, found)
        await line.database(_show, line, found)
        if not await _look_again(line, began):
            return {"shown": True}


async def _look_again(line: Line, began: float) -> bool:
    """Wait for the phone, or a while; false when it is time to give way."""
    checked = time.monotonic()
    while time.monotonic() - checked < CHECK:
        if await line.session.token_accepted(LOOK):
            return True
        shown = time.monotonic() - began
        if shown > LONGEST or await line.database(_others_wait, shown >= CHECK):
            return False
    return True


def _others_wait(fair: bool) -> bool:  # noqa: FBT001, a database call takes no keywords
    """Whether other calls wait, for whatever account; other codes, after a fair time of ours."""
    waiting = AccountCall.objects.filter(
        state=AccountCall.State.PENDING,
        created_at__gt=timezone.now() - timedelta(seconds=AccountCall.VOID_AFTER),
    )
    if not fair:
        waiting = waiting.exclude(kind=AccountCall.Kind.SHOW_QR)
    return waiting.exists()


def _show(line: Line, token: LoginToken) -> None:
    account = line.account
    session = line.session.session_string()
    if account.session != session:
        account.session = session
        account.save(update_fields=["session"])
    QrCode.objects.update_or_create(
        account=account,
        defaults={
            "url": token.url,
            "expires_at": token.expires_at,
            "shown_at": timezone.now(),
        },
    )


def _hide(line: Line) -> None:
    QrCode.objects.filter(account=line.account).delete()
