"""A restart on the same directory ends no session and loses no message."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.sessions import StringSession

from sandbox.control.client import ControlError, server_info
from sandbox.control.server import socket_path
from sandbox.testing import SandboxProcess

pytestmark = pytest.mark.slow


def _everything(sandbox: SandboxProcess) -> list[Any]:
    return [sandbox.truth(channel["id"]) for channel in sandbox.status()["channels"]]


async def test_kill_and_restart(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox, None)
    await client.send_code_request("15550001001")
    await client.sign_in("15550001001", "11111")
    session = client.session.save()
    await client.disconnect()
    sandbox.tick(60)
    sandbox.post("@channel_1", "written just before", entities=[
        {"type": "bold", "offset": 0, "length": 7}
    ])  # fmt: skip
    sandbox.edit("@channel_1", 5, text="edited")
    sandbox.delete("@channel_2", 7, 8, 9)
    sandbox.set_counters("@channel_1", 6, views=123_456)
    before, port, key = _everything(sandbox), sandbox.port, sandbox.public_key.read_text()

    sandbox.restart(kill=True)

    assert _everything(sandbox) == before
    assert (sandbox.port, sandbox.public_key.read_text()) == (port, key)
    again = await connect(sandbox, session=StringSession(session))
    assert (await again.get_me()).phone == "15550001001"
    newest = (await again.get_messages("channel_1", limit=1))[0]
    assert newest.text == "**written** just before"


async def test_a_code_that_was_sent_survives(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox, None)
    sent = await client.send_code_request("15550001001")
    session = client.session.save()
    await client.disconnect()
    sandbox.restart(kill=True)
    again = await connect(sandbox, None, session=StringSession(session))
    request = functions.auth.SignInRequest("15550001001", sent.phone_code_hash, "11111")
    assert (await again(request)).user.phone == "15550001001"


def test_cards_members_and_top_ids_survive(sandbox: SandboxProcess) -> None:
    sandbox.control("member", channel="@channel_2", phone="15550001003", joined=True)
    sandbox.control("channel", channel="@channel_2", title="Renamed", available_min_id=12)
    posted = sandbox.post("@channel_1", "soon gone")
    sandbox.delete("@channel_1", posted["id"])
    before = {a["phone"]: a["channels"] for a in sandbox.accounts}
    sandbox.restart(kill=True)
    truth = sandbox.truth("@channel_2")
    assert (truth["title"], truth["available_min_id"], truth["hidden"]) == ("Renamed", 12, 12)
    assert {a["phone"]: a["channels"] for a in sandbox.accounts} == before
    assert sandbox.truth("@channel_1")["top_id"] == posted["id"]
    assert sandbox.post("@channel_1", "next")["id"] == posted["id"] + 1


def test_secrets_are_for_the_owner(sandbox: SandboxProcess) -> None:
    assert stat.S_IMODE((sandbox.directory / "server_key.pem").stat().st_mode) == 0o600
    assert sandbox.public_key.read_text().startswith("-----BEGIN RSA PUBLIC KEY-----")
    control = server_info(sandbox.directory)["control"]
    assert stat.S_IMODE(Path(control).stat().st_mode) == 0o600


def test_one_server_a_directory(sandbox: SandboxProcess) -> None:
    second = SandboxProcess(sandbox.directory)
    with pytest.raises(RuntimeError, match=r"runs in .* already"):
        second.start()
    assert sandbox.status()["pid"] == sandbox.pid


def test_a_long_path_has_its_socket_elsewhere_and_a_gone_server_is_told_so(
    tmp_path: Path,
) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    sandbox = SandboxProcess(deep, channels=1, messages=10).start()
    control = server_info(deep)["control"]
    assert len(control) <= 100
    assert control == str(socket_path(deep))
    assert not control.startswith(str(deep))
    assert sandbox.status()["channels"]
    sandbox.kill()
    with pytest.raises(ControlError, match="does not run"):
        sandbox.status()
