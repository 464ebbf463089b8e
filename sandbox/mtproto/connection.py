"""One TCP connection: packets in, messages to the service, answers out."""

from __future__ import annotations

import asyncio
import gzip
import logging
import struct
import time
from typing import TYPE_CHECKING, Any, Protocol

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLRequest, types

from sandbox.mtproto import cipher, service
from sandbox.mtproto.framing import FramingError, Full, Transport, detect
from sandbox.mtproto.handshake import Handshake, HandshakeError
from sandbox.mtproto.session import Session, container
from sandbox.mtproto.tlbytes import CONTAINER, GZIP_PACKED, RPC_RESULT, constructor, tl_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.mtproto.keys import ServerKey
    from sandbox.mtproto.session import AuthKey, AuthKeys

log = logging.getLogger(__name__)

GZIP_FROM = 4_096
TOO_OLD, TOO_NEW = 300, 30


class Endpoint(Protocol):
    """What a connection needs of the server."""

    server_key: ServerKey
    keys: AuthKeys
    gzip: bool

    def session(self, key: AuthKey, session_id: int) -> Session:
        """The session, which may be new."""

    def rpc(self, connection: Connection, session: Session, msg_id: int, request: Any) -> None:
        """Executes a request and answers it, now or later."""

    def unreadable(
        self, connection: Connection, session: Session, msg_id: int, number: int
    ) -> None:
        """A request whose constructor nobody knows."""

    def forget_session(self, key: AuthKey, session_id: int) -> bool:
        """Ends a session; False when there is no such session."""


class Connection:
    """Reads until the client goes; `key` is set by the first encrypted message."""

    counter = 0

    def __init__(
        self,
        endpoint: Endpoint,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        dc: int,
    ) -> None:
        Connection.counter += 1
        #: The data centre that the client has connected to.
        self.dc = dc
        self.number = Connection.counter
        self.endpoint = endpoint
        self.reader = reader
        self.writer = writer
        self.key: AuthKey | None = None
        self.session: Session | None = None
        self.asked = False
        self.closed = False
        self.tasks: set[asyncio.Task[None]] = set()
        self._transport: Transport = Full(reader)
        self._handshake: Handshake | None = None

    async def run(self) -> None:
        """Serves the client until it goes or breaks the protocol."""
        try:
            self._transport = await detect(self.reader)
            while not self.closed:
                self._packet(await self._transport.read())
                await self.writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, HandshakeError) as error:
            if isinstance(error, (FramingError, HandshakeError)):
                log.warning("connection %d: %s", self.number, error)
        except (struct.error, BufferError, ValueError, TypeError):
            log.exception("connection %d: what came cannot be read", self.number)
        finally:
            self.close()

    def close(self) -> None:
        """Drops the connection; what was written before is still sent."""
        self.closed = True
        if self.key is not None:
            self.key.users.discard(self)
        for task in self.tasks:
            task.cancel()
        self.writer.close()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Does something after a while, unless the connection ends before."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            if not self.closed:
                action()

        task = asyncio.get_running_loop().create_task(wait())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    @property
    def transport(self) -> str:
        """What the client speaks: full, abridged, intermediate, padded, or one of them obfuscated."""
        return self._transport.name

    # in

    def _packet(self, packet: bytes) -> None:
        if len(packet) < 8:
            raise FramingError("a packet without a key id")
        if packet[:8] == bytes(8):
            self._plain(packet)
            return
        key = self.endpoint.keys.get(packet[:8])
        # a key belongs to the data centre that it was made with
        if key is None or key.dc != self.dc or (self.key is not None and self.key is not key):
            # https://core.telegram.org/mtproto/mtproto-transports#transport-errors
            self._send_packet(struct.pack("<i", -404))
            self.closed = True
            return
        if self.key is None:
            self.key = key
            key.users.add(self)
        try:
            plain = cipher.decrypt(key.key, packet)
        except cipher.CipherError as error:
            log.warning("connection %d: %s", self.number, error)
            self._send_packet(struct.pack("<i", -404))
            self.closed = True
            return
        salt, session_id, msg_id, seqno, length = struct.unpack_from("<qqqii", plain)
        session = self.session = self.endpoint.session(key, session_id)
        self._encrypted(key, session, salt, msg_id, seqno, plain[32 : 32 + length])

    def _plain(self, packet: bytes) -> None:
        if self._handshake is None:
            self._handshake = Handshake(self.endpoint.server_key)
        (length,) = struct.unpack_from("<i", packet, 16)
        answer = self._handshake.answer(packet[20 : 20 + length])
        if self._handshake.auth_key is not None:
            self.endpoint.keys.add(
                self._handshake.auth_key, first_salt=self._handshake.first_salt, dc=self.dc
            )
            self._handshake = None
        msg_id = (time.time_ns() << 32) // 1_000_000_000 & ~3 | 1
        self._send_packet(struct.pack("<qqi", 0, msg_id, len(answer)) + answer)

    def _encrypted(
        self,
        key: AuthKey,
        session: Session,
        salt: int,
        msg_id: int,
        seqno: int,
        body: bytes,
    ) -> None:
        error = self._wrong_id(msg_id)
        if error:
            self.send(session, bytes(types.BadMsgNotification(msg_id, seqno, error)))
            return
        if not key.accepts(salt):
            # https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message
            self.send(session, bytes(types.BadServerSalt(msg_id, seqno, 48, key.salt())))
            return
        if not session.announced:
            session.announced = True
            # https://core.telegram.org/mtproto/service_messages#new-session-creation-notification
            created = types.NewSessionCreated(msg_id, session.id, key.salt())
            self.send(session, bytes(created), content=True)
        if constructor(body) == CONTAINER:
            self._container(session, body)
        else:
            self._message(session, msg_id, seqno, body)

    @staticmethod
    def _wrong_id(msg_id: int) -> int:
        """The error code of a message id that cannot be right, else 0."""
        age = time.time() - (msg_id >> 32)
        if age > TOO_OLD:
            return 16
        if age < -TOO_NEW:
            return 17
        return 18 if msg_id % 4 else 0

    def _container(self, session: Session, body: bytes) -> None:
        (count,) = struct.unpack_from("<i", body, 4)
        position = 8
        for _ in range(count):
            msg_id, seqno, length = struct.unpack_from("<qii", body, position)
            position += 16
            self._message(session, msg_id, seqno, body[position : position + length])
            position += length

    def _message(self, session: Session, msg_id: int, seqno: int, body: bytes) -> None:
        if msg_id in session.seen:
            service.repeated(self, session, msg_id)
            return
        number = constructor(body)
        if number == GZIP_PACKED:
            body = gzip.decompress(BinaryReader(body[4:]).tgread_bytes())
        try:
            request = BinaryReader(body).tgread_object()
        except TypeNotFoundError as error:
            session.remember(msg_id)
            self.endpoint.unreadable(self, session, msg_id, error.invalid_constructor_id)
            return
        wrong = service.wrong_seqno(session, msg_id, seqno, request)
        if wrong:
            self.send(session, bytes(types.BadMsgNotification(msg_id, seqno, wrong)))
            return
        session.remember(msg_id)
        if service.handle(self, session, msg_id, request):
            return
        if isinstance(request, TLRequest):
            self.endpoint.rpc(self, session, msg_id, request)
        else:
            log.warning("connection %d: %s is no request", self.number, type(request).__name__)

    # out

    def send_result(self, session: Session, msg_id: int, result: bytes) -> None:
        """Answers a request; large answers are packed when the server packs.

        https://core.telegram.org/mtproto/service_messages#rpc-result
        """
        if self.endpoint.gzip and len(result) >= GZIP_FROM:
            packed = struct.pack("<I", GZIP_PACKED) + tl_bytes(gzip.compress(result, 1))
            if len(packed) < len(result):
                result = packed
        body = struct.pack("<Iq", RPC_RESULT, msg_id) + result
        self.send(session, body, content=True, answer=True)

    def send(
        self, session: Session, body: bytes, *, content: bool = False, answer: bool = False
    ) -> None:
        """Sends one message of a session."""
        msg_id = session.next_id(answer=answer)
        seqno = session.next_seqno(content=content)
        if content:
            session.keep(msg_id, seqno, body)
        self.send_again(session, msg_id, seqno, body)

    def send_many(self, session: Session, bodies: list[bytes]) -> None:
        """Sends several messages in a container."""
        parts = [
            (session.next_id(answer=False), session.next_seqno(content=True), body)
            for body in bodies
        ]
        for msg_id, seqno, body in parts:
            session.keep(msg_id, seqno, body)
        self.send(session, container(parts))

    def send_again(self, session: Session, msg_id: int, seqno: int, body: bytes) -> None:
        """Sends a message under a number that it already has."""
        if self.key is None or self.closed:
            return
        head = struct.pack("<qqqii", self.key.salt(), session.id, msg_id, seqno, len(body))
        self._send_packet(cipher.encrypt(self.key.key, self.key.key_id, head + body))

    def _send_packet(self, payload: bytes) -> None:
        if not self.writer.is_closing():
            self.writer.write(self._transport.packet(payload))

    def send_half(self, session: Session, msg_id: int, result: bytes) -> None:
        """Sends the beginning of an answer only, as a line that breaks does."""
        if self.key is None:
            return
        body = struct.pack("<Iq", RPC_RESULT, msg_id) + result
        new_id, seqno = session.next_id(answer=True), session.next_seqno(content=True)
        head = struct.pack("<qqqii", self.key.salt(), session.id, new_id, seqno, len(body))
        packet = self._transport.packet(cipher.encrypt(self.key.key, self.key.key_id, head + body))
        self.writer.write(packet[: len(packet) // 2])
