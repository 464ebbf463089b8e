"""Invite links: where they lead, and following them (https://core.telegram.org/api/invites)."""

import logging
from typing import Any

from telethon.tl import functions, types

from ingestion.errors import AccessError, AccountError, DataError, IngestionError
from ingestion.records import ChannelRecord, InviteRecord
from ingestion.sources.mtproto.mapping import map_channel, map_invite
from ingestion.sources.mtproto.photos import Photos

logger = logging.getLogger(__name__)


class Invites(Photos):
    """What can be asked with the secret part of an invite link."""

    async def check_invite(self, secret: str) -> InviteRecord:
        """Return where the link leads, without joining.

        https://core.telegram.org/method/messages.checkChatInvite. One request, and one for the
        photo of a channel that the account is not in.
        """
        found = await self._wire.send(functions.messages.CheckChatInviteRequest(secret))
        if isinstance(found, types.ChatInviteAlready | types.ChatInvitePeek):
            channel = map_channel(found.chat.to_dict())
            return InviteRecord(
                title=channel.title,
                kind=channel.kind,
                members=channel.members,
                member=isinstance(found, types.ChatInviteAlready) and not channel.left,
                channel=channel,
            )
        fields = found.to_dict()
        map_invite(fields)  # what cannot be archived needs no photo
        return map_invite(fields, photo=await self._invite_photo(found.photo))

    async def join_invite(self, secret: str) -> ChannelRecord:
        """Follow the link; return the channel, which the account is a member of from now on.

        https://core.telegram.org/method/messages.importChatInvite. AccessError with what
        Telegram says when it may not; INVITE_REQUEST_SENT when an administrator has to agree.
        """
        joined = await self._wire.send(functions.messages.ImportChatInviteRequest(secret))
        if isinstance(joined, types.messages.ChatInviteJoinResultWebView):
            raise AccessError(
                "JOIN_GUARDED",
                "The channel wants newcomers to answer a bot before they may join.",
                "Join it with the account in a Telegram app, then add it from the account's list.",
            )
        chats = getattr(joined.updates, "chats", [])
        chat = next((chat for chat in chats if isinstance(chat, types.Channel)), None)
        if chat is None:
            raise DataError(
                "CONTRADICTORY_ANSWER",
                "Telegram let the account join, and did not say what.",
                "Renew the account's list of channels, and add it from there.",
            )
        return map_channel(chat.to_dict())

    async def _invite_photo(self, photo: Any) -> bytes:
        """The photo, or nothing: a link can be followed without one."""
        if not isinstance(photo, types.Photo):
            return b""
        try:
            return await self._photo_of_invite(photo)
        except AccountError:
            raise
        except IngestionError as error:
            logger.warning("The photo of an invite link could not be fetched: %s", error)
            return b""
