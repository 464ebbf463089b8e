"""The command line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.testing import SandboxProcess


@pytest.fixture
def run(sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command on the running server; the result is what it printed."""

    def command(*arguments: str) -> str:
        assert main([arguments[0], "--data", str(sandbox.directory), *arguments[1:]]) == 0
        return capsys.readouterr().out

    return command


def test_status(run: Any, sandbox: SandboxProcess) -> None:
    status = json.loads(run("status", "--json"))
    assert status["dc"] == sandbox.dc
    assert len(status["accounts"]) >= 3
    assert {"phone", "code", "password"} <= status["accounts"][0].keys()
    text = run("status")
    assert "phone +15550001002  code 22222  password 'tide & harbour 2'" in text
    assert "@channel_1" in text


def test_truth(run: Any, sandbox: SandboxProcess) -> None:
    one = json.loads(run("truth", "--channel", "@channel_1"))
    assert one == {k: v for k, v in sandbox.truth("@channel_1").items() if k != "type"} | {
        "messages": one["messages"]
    }
    assert len(json.loads(run("truth", "--json"))) == 5
    lines = [json.loads(line) for line in run("truth", "--lines").splitlines()]
    assert [line["type"] for line in lines].count("channel") == 5
    assert lines[-1]["type"] == "deleted"


def test_changes(run: Any, sandbox: SandboxProcess) -> None:
    posted = json.loads(
        run("post", "--channel", "@channel_1", "--text", "hello", "--set", "views=9")
    )
    assert (posted["text"], posted["views"]) == ("hello", 9)
    number = str(posted["id"])
    edited = json.loads(run("edit", "--channel", "@channel_1", "--id", number, "--text", "bye"))
    assert edited["edit_date"]
    grown = json.loads(
        run("counters", "--channel", "@channel_1", "--id", number, "--set", "views=99")
    )
    assert grown["views"] == 99
    assert json.loads(run("delete", "--channel", "@channel_1", number))["deleted"] == [posted["id"]]
    assert json.loads(run("unfreeze")) == {"frozen": False}
    assert json.loads(run("freeze")) == {"frozen": True}
    assert len(json.loads(run("tick", "--count", "3"))) == 3


def test_changes_of_a_channel(run: Any, sandbox: SandboxProcess) -> None:
    where = ("--channel", "@channel_1")
    card = json.loads(run("channel", *where, "--title", "New", "--set", "verified=true"))
    assert (card["title"], card["verified"]) == ("New", True)
    assert json.loads(run("channel", *where, "--participants", "9"))["participants"] == 9
    assert json.loads(run("photo", *where))["photo"]
    assert json.loads(run("photo", *where, "--remove")) == {"photo": None}
    made = json.loads(run("invite", *where, "--hash", "here_it_is", "--approval"))
    assert made == {"hash": "here_it_is", "approval": True}
    assert "https://t.me/+here_it_is (approval)" in run("status")
    ended = json.loads(run("invite", *where, "--hash", "here_it_is", "--revoked"))
    assert ended == {"hash": "here_it_is", "approval": True, "revoked": True}
    private = str(next(c["id"] for c in sandbox.status()["channels"] if not c["username"]))
    assert f"{private} " in run("status")
    phone = ("--phone", "+15550001003")
    assert json.loads(run("member", f"--channel={private}", *phone)) == {"joined": True}
    assert json.loads(run("member", f"--channel={private}", *phone, "--out")) == {"joined": False}


def test_faults_and_requests(run: Any, sandbox: SandboxProcess) -> None:
    added = json.loads(run("fault", "flood_wait", "--seconds", "5", "--count", "0"))
    assert (added["kind"], added["count"]) == ("flood_wait", None)
    assert [fault["id"] for fault in json.loads(run("fault", "--list"))] == [added["id"]]
    assert json.loads(run("fault", "--clear")) == {"cleared": 1}
    assert run("requests", "--json", "--since", str(sandbox.last_request())) == ""
    session = json.loads(run("session", "--phone", "+15550001001"))
    assert session["session"].startswith("1")


def test_nothing_started_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--data", str(tmp_path)]) == 1
    assert "no sandbox has been started" in capsys.readouterr().err


def test_it_prints_its_address_and_stops_on_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "serve", "--data", str(tmp_path), "--channels", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("sandbox is ready: 2:127.0.0.1:")
        assert process.stdout.readline().strip().endswith("public_key.pem")
        assert main(["stop", "--data", str(tmp_path)]) == 0
        assert process.wait(10) == 0
