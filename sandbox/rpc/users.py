"""The methods of users.* and contacts.*."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.peers import no_settings, user_of
from sandbox.rpc.registry import method
from sandbox.tl.peers import peer
from sandbox.tl.vector import TRUE, vector

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call


@method(functions.users.GetUsersRequest)
def get_users(call: Call) -> bytes:
    """See <https://core.telegram.org/method/users.getUsers>."""
    found = (user_of(call, item) for item in call.request.id)
    return vector(call.server.pages.user(call.user_id, user.id) for user in found)


@method(functions.users.GetFullUserRequest)
def get_full_user(call: Call) -> Any:
    """See <https://core.telegram.org/method/users.getFullUser>."""
    user = user_of(call, call.request.id)
    full = types.UserFull(user.id, types.PeerSettings(), no_settings(), 0, about="")
    return types.users.UserFull(full, [], [call.server.pages.user(call.user_id, user.id)])


@method(functions.contacts.ResolveUsernameRequest)
def resolve_username(call: Call) -> Any:
    """See <https://core.telegram.org/method/contacts.resolveUsername>."""
    username = call.request.username
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{2,31}", username):
        raise bad("USERNAME_INVALID")
    pages, viewer = call.server.pages, call.user_id
    channel = call.world.by_username(username)
    if channel is not None:
        call.channel = channel
        chat = pages.chat(viewer, channel.info.id)
        return types.contacts.ResolvedPeer(peer(channel.info.marked_id), [chat], [])
    user = call.world.usernames.get(username.lower())
    if user is None:
        raise bad("USERNAME_NOT_OCCUPIED")
    return types.contacts.ResolvedPeer(peer(user.id), [], [pages.user(viewer, user.id)])


@method(functions.contacts.GetContactsRequest)
def get_contacts(_call: Call) -> Any:
    """See <https://core.telegram.org/method/contacts.getContacts>: nobody has any here."""
    return types.contacts.Contacts([], 0, [])


@method(functions.account.UpdateStatusRequest)
def update_status(_call: Call) -> Any:
    """See <https://core.telegram.org/method/account.updateStatus>."""
    return TRUE
