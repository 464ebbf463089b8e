"""A world from a file (`serve --world FILE`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from telethon.crypto import rsa

from sandbox.testing import SandboxProcess

if TYPE_CHECKING:
    from pathlib import Path

WORLD = {
    "accounts": [{"user_id": 71, "phone": "15551", "code": "12", "first_name": "Only One"}],
    "apps": [{"api_id": 5, "api_hash": "five"}],
    "users": [{"id": 900, "first_name": "Ann", "username": "ann_of_file"}],
    "channels": [
        {
            "id": 1001,
            "username": "from_file",
            "title": "From a file",
            "kind": "supergroup",
            "top_id": 9,
            "messages": [
                {"id": 1, "date": "2024-02-29T12:00:00+00:00", "action": {"kind": "channel_create", "title": "x"}},
                {"id": 4, "date": 1_710_000_000, "text": "a 🦊 b", "sender_id": 900,
                 "entities": [{"type": "bold", "offset": 2, "length": 2}],
                 "reactions": [["👍", 3]], "reply": {"message_id": 1}},
                {"id": 5, "date": 1_710_000_100, "media": {"kind": "document", "id": 77, "size": 9000,
                 "mime": "text/plain", "file_name": "a.txt"}},
            ],
        },
        {"id": 1002, "username": "generated_too", "title": "G", "kind": "broadcast",
         "generate": {"voice": "akhbar", "messages": 120}},
    ],
}  # fmt: skip


async def test_a_world_from_a_file(tmp_path: Path, connect: Any) -> None:
    path = tmp_path / "world.json"
    path.write_text(json.dumps(WORLD))
    with SandboxProcess(tmp_path / "data", world=path) as sandbox:
        rsa.add_key(sandbox.public_key.read_text(), old=False)
        assert sandbox.api == (5, "five")
        client = await connect(sandbox, "15551")
        messages = await client.get_messages("from_file", limit=10)
        assert [m.id for m in messages] == [5, 4, 1]
        assert messages[1].raw_text == "a 🦊 b"
        assert messages[1].entities[0].length == 2
        assert messages[1].sender.username == "ann_of_file"
        assert len(await client.download_media(messages[0], bytes)) == 9000
        truth = sandbox.truth("@from_file")
        assert truth["top_id"] == 9
        assert truth["deleted"] == [2, 3, 6, 7, 8, 9]
        assert truth["messages"][0]["date"] == "2024-02-29T12:00:00+00:00"
        assert len(await client.get_messages("generated_too", limit=200)) > 100
        sandbox.post("@from_file", "more")
        path.unlink()
        before = sandbox.truth("@from_file")
        await client.disconnect()
        sandbox.restart(kill=True)
        assert sandbox.truth("@from_file") == before
