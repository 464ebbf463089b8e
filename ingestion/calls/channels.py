"""Looking at channels before they are added, adding them, and joining by an invite link."""

import base64
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from ingestion import descriptions, readers
from ingestion.calls import finding, photos
from ingestion.calls.base import Answer, Line
from ingestion.errors import InputError
from ingestion.models import Account, Channel, ChannelAccess, ChannelReading
from ingestion.provisional import adopt
from ingestion.records import ChannelKind, ChannelRecord, InviteRecord, MessageRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.refs import ChannelRef, Invite, parse_ref

#: Characters of the newest post that a preview shows.
EXCERPT: Final = 280
#: How many of the newest messages are looked at for one that says something.
NEWEST: Final = 5


async def preview(line: Line, arguments: Answer) -> Answer:
    """Look at what `ref` (any form that `parse_ref` takes) leads to; nothing is saved.

    Answers
    - `ref`: the same in a form to post again; `peer_id` (null before an invite was followed)
    - `title`, `kind` (of `ChannelKind`), `username`, `members` (or null), `about`
    - `photo`: a small JPEG as base64, or null
    - `newest`: `{"id", "date", "text", "kind"}` of its newest message, or null; `date` is ISO 8601
    - `channel_id`: the workspace's channel when it has it already, else null; `removed`: that
      one was removed from the list, and comes back with its messages
    - `is_private`: it has no public name
    - `access`: `open` (public, readable without joining), `member`, `join` (by this invite link),
      `approval` (the same, and an administrator has to agree), `paid` (joining costs Stars: only
      a Telegram app can), `closed` (private, and the account is no member)

    Three requests when the account knows the channel (what it is, its newest messages, its
    photo), one more for a name that is new. The photo is fetched once.
    """
    ref = parse_ref(arguments["ref"])
    if isinstance(ref, Invite):
        invite = await line.session.check_invite(ref.hash)
        if invite.channel is None:
            return {"ref": str(ref), **_invitation(invite)}
        record = await line.session.describe(_address(invite.channel))
        access = "member" if invite.member else "join"
    else:
        record = await finding.find(line, ref)
        access = _access(record)
    await line.database(finding.remember, line.account, record)
    newest = None if access == "closed" else await _newest(line, record)
    photo = await photos.of_channel(line, record)
    there = await line.database(_of_workspace, line.account, record.peer_id)
    return {
        "ref": str(ref),
        "peer_id": record.peer_id,
        "title": record.title,
        "kind": record.kind,
        "username": record.username,
        "members": record.members,
        "about": record.about,
        "photo": _base64(photo),
        "newest": newest,
        "channel_id": there.pk if there else None,
        "removed": bool(there and there.removed_at),
        "is_private": record.is_private,
        "access": access,
    }


async def add_channel(line: Line, arguments: Answer) -> Answer:
    """Archive the channel of `ref` from now on. Answers `channel_id` and `title`.

    An invite link adds a channel that the account is in already; else it has to `join`.
    """
    ref: ChannelRef = parse_ref(arguments["ref"])
    if not isinstance(ref, Invite):
        return await _save(line, await finding.find(line, ref))
    invite = await line.session.check_invite(ref.hash)
    if invite.channel is None or not invite.member:
        raise InputError(
            "JOIN_FIRST",
            "The account %(account)s is not a member of “%(title)s”.",
            "Join it by this link; it is added then.",
            account=line.account,
            title=invite.title,
        )
    return await _save(line, await line.session.describe(_address(invite.channel)))


async def join(line: Line, arguments: Answer) -> Answer:
    """Become a member by the invite link of `ref`, and archive the channel from now on.

    Answers `channel_id` and `title`. Fails with INVITE_REQUEST_SENT when an administrator has to
    agree: the same call again goes on once they did. Who is a member already just adds it.
    """
    ref = parse_ref(arguments["ref"])
    if not isinstance(ref, Invite):
        raise InputError(
            "NOT_AN_INVITE",
            "%(ref)s is no invite link.",
            "Add it without joining: it is enough.",
            ref=ref,
        )
    invite = await line.session.check_invite(ref.hash)
    channel = invite.channel if invite.member else None
    if channel is None:
        channel = await line.session.join_invite(ref.hash)
        await line.database(finding.remember, line.account, channel)
    return await _save(line, await line.session.describe(_address(channel)))


async def _save(line: Line, record: ChannelRecord) -> Answer:
    channel = await line.database(save_channel, line.account, record)
    if await line.database(descriptions.lacks_photo, channel, record):
        await photos.of_channel(line, record)
        await line.database(photos.keep, line.account, channel)
    return {"channel_id": channel.pk, "title": channel.title}


def save_channel(account: Account, record: ChannelRecord) -> Channel:
    """Archive this channel from now on. One that was removed comes back with its messages, one
    whose account was forgotten gets this one; one that is there is told to be so.
    """
    if record.left and record.is_private:
        raise InputError(
            "CHANNEL_PRIVATE",
            "“%(title)s” is private and this account is not a member.",
            "Join it with the account, by an invite link or in a Telegram app, then add it again.",
            title=record.title,
        )
    channel = (
        _of_workspace(account, record.peer_id)
        or adopt(
            workspace_id=account.workspace_id, peer_id=record.peer_id, username=record.username
        )
        or Channel(
            workspace_id=account.workspace_id,
            peer_id=record.peer_id,
            live=account.workspace.default_live,
        )
    )
    _check_bound(account, record, channel)
    there = channel.pk is not None and channel.removed_at is None and channel.accesses.exists()
    descriptions.describe(channel, record)
    if channel.removed_at:
        minutes = channel.sync_every_minutes
        channel.removed_at = None
        channel.next_run_at = timezone.now() + timedelta(minutes=minutes) if minutes else None
        channel.save(update_fields=["removed_at", "next_run_at"])
    if record.kind == ChannelKind.BASIC_GROUP:
        bind(channel, account)
    ChannelAccess.objects.update_or_create(
        channel=channel, account=account, defaults={"access_hash": record.access_hash}
    )
    readers.worked(channel.pk, account.pk)
    if there:
        raise InputError(
            "DUPLICATE",
            "“%(title)s” is already in this workspace.",
            "Nothing to do.",
            title=channel.title,
        )
    return channel


def _check_bound(account: Account, record: ChannelRecord, channel: Channel) -> None:
    """The ids of a basic group's messages are those of one person's account: another one would
    write other messages under the same ids.
    """
    if record.kind != ChannelKind.BASIC_GROUP or channel.pk is None:
        return
    rows = ChannelReading.objects.filter(channel=channel, bound_user_id__isnull=False)
    bound = rows.values_list("bound_user_id", flat=True).first()
    if bound is not None and bound != account.user_id:
        raise InputError(
            "BOUND_TO_ACCOUNT",
            "“%(title)s” is archived through another account already.",
            "A basic group is bound to one account, because its messages have other ids in each. "
            "Read it through that account, or delete its messages first.",
            title=record.title,
        )


def bind(channel: Channel, account: Account) -> None:
    """From now on its messages have this account's ids. Live updates of it are not offered."""
    ChannelReading.objects.update_or_create(
        channel=channel, defaults={"bound_user_id": account.user_id}
    )
    Channel.objects.filter(pk=channel.pk).update(live=False)
    channel.live = False


def _of_workspace(account: Account, peer_id: int) -> Channel | None:
    return Channel.objects.filter(workspace_id=account.workspace_id, peer_id=peer_id).first()


def _address(record: ChannelRecord) -> ChannelAddress:
    return ChannelAddress(record.peer_id, record.access_hash)


def _access(record: ChannelRecord) -> str:
    if not record.left:
        return "member"
    return "closed" if record.is_private else "open"


def _invitation(invite: InviteRecord) -> dict[str, Any]:
    access = "paid" if invite.paid else "approval" if invite.needs_approval else "join"
    return {
        "peer_id": None,
        "title": invite.title,
        "kind": invite.kind,
        "username": "",
        "members": invite.members,
        "about": invite.about,
        "photo": _base64(invite.photo),
        "newest": None,
        "channel_id": None,
        "removed": False,
        "is_private": True,
        "access": access,
    }


async def _newest(line: Line, record: ChannelRecord) -> dict[str, Any] | None:
    """The newest message that is no announcement of Telegram's own, or else just the newest."""
    page = await line.session.page(_address(record), low=1, high=None, limit=NEWEST)
    said = [message for message in page.records if message.kind != "service"]
    message: MessageRecord | None = next(iter(said or page.records), None)
    if message is None:
        return None
    text = " ".join(message.text.split())
    return {
        "id": message.message_id,
        "date": message.date.isoformat(),
        "text": text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…",
        "kind": message.kind,
    }


def _base64(image: bytes | None) -> str | None:
    return base64.b64encode(image).decode() if image else None
