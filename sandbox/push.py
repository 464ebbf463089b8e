"""Updates that clients get without asking (https://core.telegram.org/api/updates)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.tl.message import reactions
from sandbox.tl.peers import peer, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.session import Session
    from sandbox.server import Server
    from sandbox.world.channel import Channel

#: What may go wrong with a packet on its way: it does not come, it comes twice, it comes after
#: the next one.
MISHAPS = {"lose", "twice", "late"}


class Pusher:
    """Tells members of a channel what happens in it.

    Only sessions that asked for the state of their updates are told, and none that ever
    said ``invokeWithoutUpdates``.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        #: What happens to the next packets, one after the other; of `MISHAPS`, or empty: nothing.
        self.script: list[str] = []
        self._late: list[tuple[Connection, Session, bytes]] = []
        #: When something last happened in a channel that members have to be told of.
        self.happened: dict[int, int] = {}
        server.world.listeners.append(self._changed)

    def clear(self) -> None:
        """Forgets what was to happen."""
        self.script.clear()
        self._late.clear()
        self.happened.clear()

    def too_long(self) -> int:
        """Tells every session that there is more than can be pushed; how many there were.

        https://core.telegram.org/constructor/updatesTooLong
        """
        told = list(self._sessions(lambda _: True))
        for connection, session, _ in told:
            connection.send(session, bytes(types.UpdatesTooLong()), content=True)
        return len(told)

    def _sessions(self, wanted: Callable[[int], bool]) -> list[tuple[Connection, Session, int]]:
        found = []
        for connection in list(self._server.connections):
            key, session = connection.key, connection.session
            if key is None or session is None or key.user_id is None or key.dead:
                continue
            if session.wants_updates and not session.refuses_updates and wanted(key.user_id):
                found.append((connection, session, key.user_id))
        return found

    def _changed(self, channel: Channel, kind: str, ids: list[int]) -> None:
        members = channel.info.members
        if kind in {"new", "edit", "delete"}:
            self.happened[channel.info.id] = self._server.world.now()
        told = ids if kind == "member" else members
        sessions = self._sessions(lambda user_id: user_id in told)
        if not sessions:
            return
        mishap = self.script.pop(0) if self.script else ""
        for connection, session, viewer in sessions:
            body = self._update(viewer, channel, kind, ids)
            if mishap == "late":
                self._late.append((connection, session, body))
            elif mishap != "lose":
                for _ in range(2 if mishap == "twice" else 1):
                    connection.send(session, body, content=True)
        if mishap != "late":
            late, self._late = self._late, []
            for connection, session, body in late:
                connection.send(session, body, content=True)

    def _update(self, viewer: int, channel: Channel, kind: str, ids: list[int]) -> bytes:
        pages, pts = self._server.pages, channel.info.pts
        updates: list[Any] = []
        items = []
        if kind in {"card", "member"}:
            updates.append(types.UpdateChannel(channel.info.id))
        elif kind == "counters":
            updates.extend(_counters(channel, ids))
        elif kind == "delete":
            updates.append(types.UpdateDeleteChannelMessages(channel.info.id, ids, pts, len(ids)))
        else:
            new = kind == "new"
            make = types.UpdateNewChannelMessage if new else types.UpdateEditChannelMessage
            for number, message_id in enumerate(ids):
                written = pages.written(channel, message_id)
                if written is not None:
                    items.append(written)
                    updates.append(make(written.raw, pts - len(ids) + 1 + number, 1))
        chats, users = pages.around(viewer, (channel,), items)
        made = types.Updates(updates, users, chats, when(self._server.world.now()), 0)
        return self._server.references.fill(bytes(made))


def _counters(channel: Channel, ids: list[int]) -> list[Any]:
    """Counters are told outside of the sequence of events: these updates have no pts.

    https://core.telegram.org/constructor/updateChannelMessageViews,
    https://core.telegram.org/constructor/updateChannelMessageForwards,
    https://core.telegram.org/constructor/updateMessageReactions
    """
    updates: list[Any] = []
    for message_id in ids:
        message = channel.get(message_id)
        if message is None:
            continue
        if message.views is not None:
            views = types.UpdateChannelMessageViews(channel.info.id, message_id, message.views)
            updates.append(views)
        if message.forwards is not None:
            updates.append(
                types.UpdateChannelMessageForwards(channel.info.id, message_id, message.forwards)
            )
        made = reactions(message)
        if made is not None:
            where = peer(channel.info.marked_id)
            updates.append(types.UpdateMessageReactions(where, message_id, made))
    return updates
