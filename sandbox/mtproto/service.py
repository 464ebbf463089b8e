"""Messages about messages, which need no knowledge of the API.

https://core.telegram.org/mtproto/service_messages and
https://core.telegram.org/mtproto/service_messages_about_messages
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telethon.tl import TLRequest, functions, types

from sandbox.mtproto.session import SALT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.mtproto.connection import Connection
    from sandbox.mtproto.session import Session

RECEIVED, UNKNOWN = 4, 1


def wrong_seqno(session: Session, msg_id: int, seqno: int, request: Any) -> int:
    """The error code of a sequence number that cannot be right, else 0.

    32: lower than that of an earlier message. 34 and 35: content-related messages are
    odd, acknowledgments even.
    """
    last_id, last_seqno = session.highest
    if msg_id > last_id:
        if seqno < last_seqno:
            return 32
        session.highest = (msg_id, seqno)
    if isinstance(request, types.MsgsAck):
        return 34 if seqno % 2 else 0
    return 35 if isinstance(request, TLRequest) and seqno % 2 == 0 else 0


def repeated(connection: Connection, session: Session, msg_id: int) -> None:
    """A message that was received before is acknowledged again, not executed again."""
    connection.send(session, bytes(types.MsgsAck([msg_id])))


def handle(connection: Connection, session: Session, msg_id: int, request: Any) -> bool:
    """Handles service messages; tells whether this was one."""
    handler = _HANDLERS.get(type(request))
    if handler is None:
        return False
    handler(connection, session, msg_id, request)
    return True


def _ack(_connection: Connection, session: Session, _msg_id: int, request: Any) -> None:
    session.acknowledge(request.msg_ids)


def _ping(connection: Connection, session: Session, msg_id: int, request: Any) -> None:
    connection.send(session, bytes(types.Pong(msg_id, request.ping_id)), answer=True)


def _state(connection: Connection, session: Session, msg_id: int, request: Any) -> None:
    info = bytes(RECEIVED if i in session.seen else UNKNOWN for i in request.msg_ids)
    connection.send(session, bytes(types.MsgsStateInfo(msg_id, info)), answer=True)


def _resend(connection: Connection, session: Session, msg_id: int, request: Any) -> None:
    known = [i for i in request.msg_ids if i in session.sent]
    for sent_id in known:
        seqno, body = session.sent[sent_id]
        connection.send_again(session, sent_id, seqno, body)
    if len(known) < len(request.msg_ids):
        info = bytes(RECEIVED if i in known else UNKNOWN for i in request.msg_ids)
        connection.send(session, bytes(types.MsgsStateInfo(msg_id, info)), answer=True)


def _salts(connection: Connection, session: Session, msg_id: int, request: Any) -> None:
    if connection.key is None:
        return
    now = time.time()
    start = int(now // SALT_SECONDS) * SALT_SECONDS
    salts = []
    for number in range(min(64, max(1, request.num))):
        since = start + number * SALT_SECONDS
        salts.append(
            types.FutureSalt(
                datetime.fromtimestamp(since, UTC),
                datetime.fromtimestamp(since + 2 * SALT_SECONDS, UTC),
                connection.key.salt(since),
            )
        )
    made = types.FutureSalts(msg_id, int(now), salts)
    connection.send(session, bytes(made), answer=True)


def _destroy(connection: Connection, session: Session, _msg_id: int, request: Any) -> None:
    made = types.DestroySessionNone(request.session_id)
    if connection.key is not None and connection.endpoint.forget_session(
        connection.key, request.session_id
    ):
        made = types.DestroySessionOk(request.session_id)
    connection.send(session, bytes(made), answer=True)


def _destroy_key(connection: Connection, session: Session, _msg_id: int, _request: Any) -> None:
    if connection.key is not None:
        connection.send(session, bytes(types.DestroyAuthKeyOk()), answer=True)
        connection.endpoint.keys.drop(connection.key)


def _drop_answer(connection: Connection, session: Session, msg_id: int, _request: Any) -> None:
    connection.send_result(session, msg_id, bytes(types.RpcAnswerUnknown()))


def _nothing(_connection: Connection, _session: Session, _msg_id: int, _request: Any) -> None:
    pass


_HANDLERS: dict[type[Any], Callable[[Connection, Session, int, Any], None]] = {
    types.MsgsAck: _ack,
    types.MsgsStateReq: _state,
    types.MsgsStateInfo: _nothing,
    types.MsgsAllInfo: _nothing,
    types.MsgResendReq: _resend,
    types.HttpWait: _nothing,
    functions.PingRequest: _ping,
    functions.PingDelayDisconnectRequest: _ping,
    functions.GetFutureSaltsRequest: _salts,
    functions.DestroySessionRequest: _destroy,
    functions.DestroyAuthKeyRequest: _destroy_key,
    functions.RpcDropAnswerRequest: _drop_answer,
}
