"""TCP transports (https://core.telegram.org/mtproto/mtproto-transports)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.sessions import StringSession

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess


@pytest.mark.parametrize(
    ("connection", "name"),
    [
        (ConnectionTcpFull, "full"),
        (ConnectionTcpAbridged, "abridged"),
        (ConnectionTcpIntermediate, "intermediate"),
        (ConnectionTcpObfuscated, "obfuscated abridged"),
    ],
)
async def test_each_is_recognised_and_answered(
    connection: Any, name: str, shared: SandboxProcess, connect: Any
) -> None:
    since = shared.last_request()
    client = await connect(shared, connection=connection)
    # large enough to need the long form of a length
    assert len(await client.get_messages("channel_1", limit=100)) == 100
    assert {one["transport"] for one in shared.requests(since)} == {name}


async def test_a_key_belongs_to_its_data_centre(shared: SandboxProcess, connect: Any) -> None:
    # https://core.telegram.org/api/datacenter: -404 as for any key that nobody knows
    client = await connect(shared)
    config = await client(functions.help.GetConfigRequest())
    there = next(dc for dc in config.dc_options if dc.id == 4)
    session = StringSession(client.session.save())
    session.set_dc(4, there.ip_address, there.port)
    with pytest.raises((errors.AuthKeyNotFound, errors.InvalidBufferError)):
        await connect(shared, session=session)
