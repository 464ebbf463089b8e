from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess


async def test_a_client_reads_the_whole_history(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared)
    entity = await client.get_entity("channel_1")
    ids = [message.id async for message in client.iter_messages(entity, wait_time=0)]
    truth = shared.truth("@channel_1")
    assert ids == [message["id"] for message in reversed(truth["messages"])]
