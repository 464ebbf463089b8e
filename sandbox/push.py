"""Updates that clients get without asking (https://core.telegram.org/api/updates)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.tl.message import when

if TYPE_CHECKING:
    from sandbox.server import Server
    from sandbox.world.channel import Channel


class Pusher:
    """Tells members of a channel what happens in it.

    Only sessions that asked for the state of their updates are told, and none that ever
    said ``invokeWithoutUpdates``.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        server.world.listeners.append(self._changed)

    def _changed(self, channel: Channel, kind: str, ids: list[int]) -> None:
        if kind not in {"new", "edit", "delete"}:
            return
        for connection in list(self._server.connections):
            key, session = connection.key, connection.session
            if key is None or session is None or key.user_id is None:
                continue
            if not session.wants_updates or session.refuses_updates or key.dead:
                continue
            if key.user_id in channel.info.members:
                body = self._update(key.user_id, channel, kind, ids)
                connection.send(session, body, content=True)

    def _update(self, viewer: int, channel: Channel, kind: str, ids: list[int]) -> bytes:
        pages, pts = self._server.pages, channel.info.pts
        updates: list[Any] = []
        items = []
        if kind == "delete":
            updates.append(types.UpdateDeleteChannelMessages(channel.info.id, ids, pts, len(ids)))
        make = types.UpdateNewChannelMessage if kind == "new" else types.UpdateEditChannelMessage
        for number, message_id in enumerate(ids if kind != "delete" else ()):
            written = pages.written(channel, message_id)
            if written is not None:
                items.append(written)
                updates.append(make(written.raw, pts - len(ids) + 1 + number, 1))
        chats, users = pages.around(viewer, (channel,), items)
        made = types.Updates(updates, users, chats, when(self._server.world.now()), 0)
        return self._server.references.fill(bytes(made))
