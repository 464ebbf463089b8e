"""The server: connections, keys, faults, log and world, put together."""

from __future__ import annotations

import asyncio
import logging
import select
import time
from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.faults import LINES, Fault, FaultBook
from sandbox.mtproto import keys
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.session import AuthKey, AuthKeys, Session
from sandbox.push import Pusher
from sandbox.requestlog import RequestLog, params
from sandbox.rpc import METHODS, Call, method_name, wrappers
from sandbox.rpc.errors import RpcFailure, bad, named, unauthorized
from sandbox.rpc.pages import Pages
from sandbox.rpc.qr import LoginTokens
from sandbox.tl.files import FileReferences
from sandbox.tl.media import OTHER_DC, THIS_DC
from sandbox.tl.message import Raw
from sandbox.tl.peers import when

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.rpc.srp import Exchange
    from sandbox.world.store import Store
    from sandbox.world.world import World

log = logging.getLogger(__name__)

SESSIONS = 500
_GONE = getattr(select, "POLLRDHUP", 0x2000) | select.POLLHUP | select.POLLERR


class Server:
    """Everything that a connection needs; `pace` is seconds between two answers."""

    def __init__(self, directory: Path, store: Store, world: World) -> None:
        self.directory = directory
        self.store = store
        self.world = world
        self.server_key = keys.load(directory)
        self.keys = AuthKeys(store)
        self.pages = Pages(world)
        self.faults = FaultBook()
        self.references = FileReferences(world.secret)
        self.requests = RequestLog(directory / "requests.jsonl")
        self.exchanges: dict[bytes, Exchange] = {}
        # logins on their way to another data centre: whose, and where to
        self.exported: dict[bytes, tuple[int, int]] = {}
        self.login_tokens = LoginTokens()
        #: Accounts that are at home in another data centre than ours.
        self.homes: dict[int, int] = {}
        self.connections: set[Connection] = set()
        self.gzip = True
        self.pace = 0.0
        self.delay = 0.0
        #: Seconds after which a channel's difference is to be asked for again.
        self.difference_timeout = 30
        self.code_seconds = 300.0
        self.host = "127.0.0.1"
        #: Each data centre is a port: a client says nowhere which one it means.
        self.ports = {THIS_DC: 0, OTHER_DC: 0}
        self.pusher = Pusher(self)
        self._sessions: dict[tuple[bytes, int], Session] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._next_slot = 0.0
        self._listeners: list[asyncio.Server] = []

    async def listen(self, host: str, ports: dict[int, int]) -> None:
        """Takes connections, each data centre at its port; 0 means any that is free."""
        for dc in self.ports:
            await self._listen(dc, host, ports.get(dc, 0))

    async def _listen(self, dc: int, host: str, port: int) -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._connected(reader, writer, dc)

        listener = await asyncio.start_server(connected, host, port, limit=1 << 22)
        self._listeners.append(listener)
        name = listener.sockets[0].getsockname()
        self.host, self.ports[dc] = name[0], name[1]

    @property
    def port(self) -> int:
        """That of the data centre that clients begin with."""
        return self.ports[THIS_DC]

    def home(self, user_id: int) -> int:
        """The data centre that an account is at home in."""
        return self.homes.get(user_id, THIS_DC)

    async def close(self) -> None:
        for listener in self._listeners:
            listener.close()
        for connection in list(self.connections):
            connection.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self.requests.close()

    def reset(self) -> None:
        """The world as it was made, no keys, no faults, no pace; the log goes on."""
        for connection in list(self.connections):
            connection.close()
        self.world.reset()
        self.keys.clear()
        self.pages.clear()
        self.faults.clear()
        self.exchanges.clear()
        self.login_tokens.clear()
        self.homes.clear()
        self.pusher.clear()
        self._sessions.clear()
        self.difference_timeout = 30
        self.pace = self.delay = 0.0

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dc: int
    ) -> None:
        connection = Connection(self, reader, writer, dc)
        self.connections.add(connection)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)

    # what connections ask for

    def session(self, key: AuthKey, session_id: int) -> Session:
        found = self._sessions.get((key.key_id, session_id))
        if found is not None:
            return found
        made = self._sessions[key.key_id, session_id] = Session(session_id)
        if len(self._sessions) > SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        return made

    def forget_session(self, key: AuthKey, session_id: int) -> bool:
        return self._sessions.pop((key.key_id, session_id), None) is not None

    def unreadable(
        self, connection: Connection, session: Session, msg_id: int, number: int
    ) -> None:
        """See <https://core.telegram.org/api/errors#400-bad-request>."""
        failure = bad(f"INPUT_METHOD_INVALID_{number}_0")
        self._log(connection, f"{number:#010x}", {}, {"answer": "error", "error": failure.message})
        connection.send_result(session, msg_id, _error(failure))

    def rpc(self, connection: Connection, session: Session, msg_id: int, request: Any) -> None:
        """Finds out what is asked, whether it may be, what goes wrong, and answers."""
        key = connection.key
        if key is None:
            return
        entry: dict[str, Any] = {"answer": "ok"}
        name, fault = method_name(type(request)), None
        try:
            request = wrappers.unwrap(request, key, session)
            name = method_name(type(request))
            self._may(connection, key)
            call = Call(self, connection, session, key, request, name, entry)
            fault = self.faults.next(name, self._phone(key), self._channel_id(request))
            if fault is not None:
                entry["fault"] = fault.kind
                self._happen(fault, key)
            result = (
                b"" if fault and fault.kind in {"drop_before", "silent"} else self._answer(call)
            )
        except RpcFailure as failure:
            entry.update(answer="error", error=failure.message)
            result = _error(failure)
        kind = fault.kind if fault is not None else ""
        if kind in {"drop_before", "silent"}:
            entry["answer"] = "dropped" if kind == "drop_before" else "silent"
        self._log(connection, name, request, entry)
        self._reply(connection, session, msg_id, result, fault)

    def _reply(
        self,
        connection: Connection,
        session: Session,
        msg_id: int,
        result: bytes,
        fault: Fault | None,
    ) -> None:
        kind = fault.kind if fault is not None else ""
        if kind == "drop_before":
            connection.close()
            return
        if kind == "silent":
            return

        def send() -> None:
            if kind == "drop_half":
                connection.send_half(session, msg_id, result)
            else:
                connection.send_result(session, msg_id, result)
            if kind in {"drop_half", "drop_after"}:
                connection.close()

        wait = self._wait() + (fault.seconds if fault is not None and kind == "slow" else 0)
        if wait > 0:
            # an answer that takes its time does not acknowledge the question
            connection.send(session, bytes(types.MsgsAck([msg_id])))
            connection.later(wait, send)
        else:
            send()

    def _wait(self) -> float:
        """How long an answer is held back, for the pace that is set."""
        if not self.pace:
            return self.delay
        now = time.monotonic()
        self._next_slot = max(now, self._next_slot + self.pace)
        return self.delay + self._next_slot - now

    def _may(self, connection: Connection, key: AuthKey) -> None:
        """Refuses dead keys, and kills a key that two connections use at once.

        AUTH_KEY_DUPLICATED: the session is invalidated and cannot be used again
        (https://core.telegram.org/api/errors#406-not-acceptable).
        """
        connection.asked = True
        if key.dead is None:
            others = [c for c in key.users if c is not connection and c.asked and not c.closed]
            for other in others:
                if _left(other):
                    other.close()
                else:
                    self.kill(key, "AUTH_KEY_DUPLICATED")
        if key.dead is not None:
            raise named(key.dead)

    def kill(self, key: AuthKey, error: str) -> None:
        """From now on every request under this key gets this error."""
        key.dead = error
        self.keys.save(key)
        log.warning("auth key %s: %s", key.key_id.hex(), error)

    def _happen(self, fault: Fault, key: AuthKey) -> None:
        if fault.kind == "auth_key_duplicated":
            self.kill(key, "AUTH_KEY_DUPLICATED")
        if fault.kind not in LINES:
            raise fault.failure()

    def _answer(self, call: Call) -> bytes:
        method = METHODS.get(type(call.request))
        if method is None:
            log.warning("%s is not known here", call.name)
            raise bad("METHOD_INVALID")
        if call.key.user_id is None and not method.anonymous:
            raise unauthorized("AUTH_KEY_UNREGISTERED")
        try:
            result = method.answer(call)
        except RpcFailure:
            raise
        except Exception:
            log.exception("%s failed", call.name)
            raise named("INTERNAL") from None
        return result if isinstance(result, bytes) else bytes(result)

    # small things

    def filled(self, made: Any) -> Raw:
        """A TL object with fresh file references."""
        return Raw(self.references.fill(bytes(made)))

    def updates_state(self) -> Any:
        return types.updates.State(1, 0, when(self.world.now()), 1, 0)

    def _phone(self, key: AuthKey) -> str | None:
        account = self.world.accounts.get(key.user_id or 0)
        return account.phone if account else None

    def _channel_id(self, request: Any) -> int | None:
        """The channel that a request names, by its bare id."""
        for name in ("peer", "channel"):
            found = getattr(getattr(request, name, None), "channel_id", None)
            if isinstance(found, int):
                return found
        named_so = self.world.by_username(getattr(request, "username", None) or "")
        return named_so.info.id if named_so else None

    def _log(self, connection: Connection, name: str, request: Any, entry: dict[str, Any]) -> None:
        key = connection.key
        channel_id = self._channel_id(request) if request else None
        channel = self.world.channels.get(channel_id or 0)
        self.requests.add(
            {
                "method": name,
                "account": self._phone(key) if key else None,
                "key": key.key_id.hex()[:8] if key else None,
                "connection": connection.number,
                "transport": connection.transport,
                "dc": connection.dc,
                "channel": channel.info.marked_id if channel else None,
                "username": channel.info.username if channel else None,
                "params": params(request) if request else {},
                **entry,
            }
        )


def _error(failure: RpcFailure) -> bytes:
    return bytes(types.RpcError(failure.code, failure.message))


def _left(connection: Connection) -> bool:
    """Whether the client of a connection has gone, even if we have not read so far."""
    socket = connection.writer.get_extra_info("socket")
    if socket is None or socket.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(socket.fileno(), _GONE)
    return bool(poll.poll(0))
