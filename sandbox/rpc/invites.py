"""Invite links (https://core.telegram.org/api/invites)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.channels import joined, photo_tl
from sandbox.rpc.errors import bad, named
from sandbox.rpc.registry import method

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel
    from sandbox.world.model import Invite


@method(functions.messages.CheckChatInviteRequest)
def check_invite(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.checkChatInvite>.

    Members learn the channel, others what its card says (``chatInvite``). No link of this world
    lets anybody look in first (``chatInvitePeek``).
    """
    channel, invite = _followed(call)
    if call.user_id in channel.info.members:
        return types.ChatInviteAlready(call.server.pages.chat(call.user_id, channel.info.id))
    info = channel.info
    broadcast = info.kind == "broadcast"
    return types.ChatInvite(
        info.title,
        photo_tl(call, channel),
        info.participants,
        1,
        channel=True,
        broadcast=broadcast or None,
        megagroup=not broadcast or None,
        public=info.username is not None or None,
        request_needed=invite.approval or None,
        verified=info.verified or None,
        about=info.about or None,
    )


@method(functions.messages.ImportChatInviteRequest)
def import_invite(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.importChatInvite>."""
    channel, invite = _followed(call)
    if call.user_id in channel.info.members:
        raise bad("USER_ALREADY_PARTICIPANT")
    if invite.approval:
        raise bad("INVITE_REQUEST_SENT")
    return joined(call, channel)


def _followed(call: Call) -> tuple[Channel, Invite]:
    secret = call.request.hash
    if not secret:
        raise bad("INVITE_HASH_EMPTY")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", secret):
        raise bad("INVITE_HASH_INVALID")
    found = call.world.by_invite(secret)
    if found is None:
        raise named("INVITE_HASH_EXPIRED")
    call.channel = found[0]
    return found
