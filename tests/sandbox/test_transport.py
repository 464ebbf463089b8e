"""MTProto itself (https://core.telegram.org/mtproto)."""

from __future__ import annotations

import gzip
import os
import struct
import time
from typing import TYPE_CHECKING, Any

import pytest
from telethon import functions, types
from telethon.extensions import BinaryReader
from telethon.tl.core import RpcResult

from sandbox.mtproto.session import container
from sandbox.mtproto.tlbytes import tl_bytes
from tests.sandbox.raw import RawClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.testing import SandboxProcess

PING = bytes(functions.PingRequest(77))
STATE = bytes(functions.updates.GetStateRequest())
TRANSPORT_404 = struct.pack("<i", -404)


@pytest.fixture
async def raw(shared: SandboxProcess) -> AsyncIterator[RawClient]:
    """A session whose salt is already the right one."""
    client = await RawClient.open(shared)
    await client.send(PING)
    client.salt = (await client.get(types.BadServerSalt)).new_server_salt
    await client.send(PING)
    await client.get(types.Pong)
    yield client
    await client.close()


def _result(answer: RpcResult) -> Any:
    return BinaryReader(answer.body).tgread_object()


async def test_a_wrong_salt_is_told_the_right_one(shared: SandboxProcess) -> None:
    # <https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message> says error 48
    client = await RawClient.open(shared)
    msg_id = await client.send(STATE)
    answer = await client.get(types.BadServerSalt)
    assert (answer.bad_msg_id, answer.error_code) == (msg_id, 48)
    client.salt = answer.new_server_salt
    await client.send(STATE)
    created = await client.get(types.NewSessionCreated)
    assert created.server_salt == client.salt
    assert isinstance(_result(await client.get(RpcResult)), types.updates.State)
    await client.close()


async def test_a_new_session_is_announced_once(shared: SandboxProcess, raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages#new-session-creation-notification>
    await raw.send(PING)
    _, _, answer = await raw.receive()
    assert isinstance(answer, types.Pong)


async def test_ping_is_answered_with_its_number(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages#ping-messages-pingpong>
    msg_id = await raw.send(PING)
    pong = await raw.get(types.Pong)
    assert (pong.msg_id, pong.ping_id) == (msg_id, 77)


@pytest.mark.parametrize(
    ("shift", "code"), [(-400 << 32, 16), (100 << 32, 17), (1, 18)], ids=["old", "new", "odd"]
)
async def test_a_wrong_message_id_is_refused(raw: RawClient, shift: int, code: int) -> None:
    # <https://core.telegram.org/mtproto/service_messages_about_messages#notice-of-ignored-error-message> says 16 too low, 17 too
    # high, 18 "incorrect two lower order msg_id bits"
    msg_id = await raw.send(STATE, msg_id=raw.new_id() + shift)
    answer = await raw.get(types.BadMsgNotification)
    assert (answer.bad_msg_id, answer.error_code) == (msg_id, code)


async def test_wrong_sequence_numbers_are_refused(raw: RawClient) -> None:
    # the same page: 32 too low, 34 even expected but odd received, 35 the other way round
    await raw.send(STATE, seqno=4)
    assert (await raw.get(types.BadMsgNotification)).error_code == 35
    await raw.send(bytes(types.MsgsAck([1])), seqno=5)
    assert (await raw.get(types.BadMsgNotification)).error_code == 34
    await raw.send(STATE, seqno=1)
    assert (await raw.get(types.BadMsgNotification)).error_code == 32


async def test_ids_of_answers_are_odd_and_grow(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/description#message-identifier-msg-id> says 1 mod 4 for answers, 3 mod 4 for the rest
    ids = []
    for _ in range(3):
        await raw.send(STATE)
        msg_id, seqno, _ = await raw.receive()
        assert seqno % 2
        ids.append(msg_id)
    assert [i % 4 for i in ids] == [1, 1, 1]
    assert ids == sorted(set(ids))
    assert abs((ids[-1] >> 32) - time.time()) < 5


async def test_a_container_is_taken_apart(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages#simple-container>
    first, second = (raw.new_id(), raw.seqno(), PING), (raw.new_id(), raw.seqno(), STATE)
    await raw.send(container([first, second]), seqno=raw.seqno(content=False))
    assert (await raw.get(types.Pong)).msg_id == first[0]
    assert (await raw.get(RpcResult)).req_msg_id == second[0]


async def test_a_packed_request_is_unpacked(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages#packed-object>
    packed = struct.pack("<I", 0x3072CFA1) + tl_bytes(gzip.compress(STATE))
    msg_id = await raw.send(packed)
    assert (await raw.get(RpcResult)).req_msg_id == msg_id


async def test_large_answers_come_packed(raw: RawClient, shared: SandboxProcess) -> None:
    await raw.send(bytes(functions.contacts.ResolveUsernameRequest("channel_1")))
    channel = _result(await raw.get(RpcResult)).chats[0]
    peer = types.InputPeerChannel(channel.id, channel.access_hash)
    await raw.send(bytes(functions.messages.GetHistoryRequest(peer, 0, None, 0, 100, 0, 0, 0)))
    # Telethon's class unpacks while it reads, raw bytes tell
    answer = await raw.get(RpcResult)
    assert len(_result(answer).messages) == 100


async def test_a_message_that_comes_twice_is_executed_once(
    raw: RawClient, shared: SandboxProcess
) -> None:
    # <https://core.telegram.org/mtproto/service_messages_about_messages> says it is acknowledged again
    before = shared.last_request()
    msg_id = await raw.send(STATE)
    await raw.get(RpcResult)
    await raw.send(STATE, msg_id=msg_id)
    assert (await raw.get(types.MsgsAck)).msg_ids == [msg_id]
    assert len(shared.requests(before)) == 1


async def test_the_state_of_messages_is_told(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information>
    known = await raw.send(PING)
    await raw.get(types.Pong)
    asked = await raw.send(bytes(types.MsgsStateReq([known, 12])))
    answer = await raw.get(types.MsgsStateInfo)
    assert answer.req_msg_id == asked
    assert [byte & 7 for byte in answer.info.encode("latin-1")] == [4, 1]


async def test_an_answer_is_sent_again_on_request(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-messages>
    await raw.send(STATE)
    msg_id, _, first = await raw.receive()
    await raw.send(bytes(types.MsgResendReq([msg_id])))
    again_id, _, again = await raw.receive()
    assert (again_id, again.req_msg_id, again.body) == (msg_id, first.req_msg_id, first.body)


async def test_an_acknowledged_answer_is_forgotten(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt>
    await raw.send(STATE)
    msg_id, _, _ = await raw.receive()
    await raw.send(bytes(types.MsgsAck([msg_id])), seqno=raw.seqno(content=False))
    await raw.send(bytes(types.MsgResendReq([msg_id])))
    assert [byte & 7 for byte in (await raw.get(types.MsgsStateInfo)).info.encode()] == [1]


async def test_future_salts(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/service_messages#request-for-several-future-salts>
    await raw.send(bytes(functions.GetFutureSaltsRequest(3)))
    answer = await raw.get(types.FutureSalts)
    assert len(answer.salts) == 3
    assert answer.salts[0].salt == raw.salt


async def test_sessions_can_be_destroyed(raw: RawClient, shared: SandboxProcess) -> None:
    # <https://core.telegram.org/mtproto/service_messages#request-to-destroy-session>
    await raw.send(bytes(functions.DestroySessionRequest(raw.session_id + 1)))
    assert await raw.get(types.DestroySessionNone)


async def test_an_unknown_key_is_told_so(shared: SandboxProcess) -> None:
    # <https://core.telegram.org/mtproto/mtproto-transports#transport-errors> says -404
    client = await RawClient.open(shared)
    client.key = os.urandom(256)
    await client.send(STATE)
    assert await client.payload() == TRANSPORT_404
    assert await client.payload() == b""
    await client.close()


async def test_a_damaged_packet_ends_the_connection(raw: RawClient) -> None:
    # <https://core.telegram.org/mtproto/mtproto-transports#full> says CRC32 of length, sequence number and payload
    await raw.packet(b"\x01" * 40, spoil=1)
    assert await raw.payload() == b""


async def test_a_forged_message_key_ends_the_connection(
    raw: RawClient, shared: SandboxProcess
) -> None:
    # <https://core.telegram.org/mtproto/security_guidelines#checking-sha256-hash-value-of-msg-key>
    from hashlib import sha1

    await raw.packet(sha1(raw.key).digest()[-8:] + bytes(16) + os.urandom(64))
    assert await raw.payload() == TRANSPORT_404
    assert await raw.payload() == b""


async def test_an_unknown_constructor_is_an_error(raw: RawClient, shared: SandboxProcess) -> None:
    before = shared.last_request()
    await raw.send(b"\x01\x02\x03\x04")
    answer = await raw.get(RpcResult)
    assert answer.error.error_message.startswith("INPUT_METHOD_INVALID")
    assert shared.requests(before)[0]["answer"] == "error"


async def test_a_method_that_is_not_there_is_an_error_and_logged(
    raw: RawClient, shared: SandboxProcess
) -> None:
    before = shared.last_request()
    await raw.send(bytes(functions.messages.GetAllDraftsRequest()))
    answer = await raw.get(RpcResult)
    assert (answer.error.error_code, answer.error.error_message) == (400, "METHOD_INVALID")
    entry = shared.requests(before)[0]
    assert (entry["method"], entry["error"]) == ("messages.getAllDrafts", "METHOD_INVALID")


async def test_wrappers_are_taken_off(raw: RawClient) -> None:
    # https://core.telegram.org/api/invoking
    inner = functions.InitConnectionRequest(
        20041, "test", "1", "1", "en", "", "en", functions.help.GetConfigRequest()
    )
    await raw.send(bytes(functions.InvokeWithLayerRequest(200, inner)))
    config = _result(await raw.get(RpcResult))
    assert isinstance(config, types.Config)
    addresses = {option.id: option.port for option in config.dc_options}
    assert config.this_dc in addresses
