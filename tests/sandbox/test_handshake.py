"""The exchange of an auth key (https://core.telegram.org/mtproto/auth_key)."""

from __future__ import annotations

import asyncio
import os
import struct
import time
from typing import TYPE_CHECKING, Any

import pytest
from telethon import functions, types
from telethon.extensions import BinaryReader

from tests.sandbox.raw import RawClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.testing import SandboxProcess


class PlainClient(RawClient):
    """Says things without encryption."""

    async def ask(self, request: Any) -> Any:
        body = bytes(request)
        msg_id = (time.time_ns() << 32) // 10**9 & ~3
        await self.packet(struct.pack("<qqi", 0, msg_id, len(body)) + body)
        payload = await self.payload()
        return BinaryReader(payload[20:]).tgread_object() if payload else None


@pytest.fixture
async def plain(shared: SandboxProcess) -> AsyncIterator[PlainClient]:
    client = PlainClient(b"")
    client.reader, client.writer = await asyncio.open_connection(shared.host, shared.port)
    yield client
    await client.close()


async def test_a_client_makes_a_key_and_keeps_it(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared, None)
    first = client.session.auth_key.key
    assert len(first) == 256
    await client.disconnect()
    again = await connect(shared, None, session=client.session)
    assert again.session.auth_key.key == first


async def test_the_product_has_two_prime_factors(plain: PlainClient) -> None:
    nonce = int.from_bytes(os.urandom(15), "little")
    answer = await plain.ask(functions.ReqPqMultiRequest(nonce))
    assert isinstance(answer, types.ResPQ)
    assert answer.nonce == nonce
    number = int.from_bytes(answer.pq, "big")
    factor = next(i for i in range(3, 1 << 22, 2) if number % i == 0)
    assert all((number // factor) % i for i in range(3, 2_000, 2))


async def test_a_wrong_nonce_ends_it(plain: PlainClient) -> None:
    offered = await plain.ask(functions.ReqPqMultiRequest(5))
    request = functions.ReqDHParamsRequest(
        6, offered.server_nonce, b"\x03", b"\x05",
        offered.server_public_key_fingerprints[0], bytes(256),
    )  # fmt: skip
    assert await plain.ask(request) is None


async def test_data_for_another_key_ends_it(plain: PlainClient) -> None:
    offered = await plain.ask(functions.ReqPqMultiRequest(5))
    request = functions.ReqDHParamsRequest(
        5, offered.server_nonce, b"\x03", b"\x05",
        offered.server_public_key_fingerprints[0], os.urandom(255) + b"\0",
    )  # fmt: skip
    assert await plain.ask(request) is None
