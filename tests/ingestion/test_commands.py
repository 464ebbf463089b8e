"""The commands: what scripts rely on is printed, and exit codes tell."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ingestion.models import Account, Channel
from ingestion.services import workers
from tests.ingestion.world import World

Run = Callable[..., Any]


@pytest.fixture
def world_of_commands(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Commands work on the default workspace and ask workers: here one that answers calls."""
    workers.sign_of_life("worker", "calls")
    over = threading.Event()

    def work() -> None:
        from ingestion import calls, scheduler, sync

        try:
            while not over.wait(0.05):
                for call_id in scheduler.waiting_calls():
                    calls.answer_call(call_id)
                for item in scheduler.claim_due():
                    sync.work_slice(run_id=item.run_id, slice_number=item.slice)
        finally:
            connection.close()

    monkeypatch.setattr("ingestion.tasks.enqueue_call", lambda _: None)
    monkeypatch.setattr("ingestion.tasks.enqueue_due", lambda: None)
    worker = threading.Thread(target=work)
    worker.start()
    yield world
    over.set()
    worker.join()


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Calls a command and reads the JSON that it printed."""

    def run(*arguments: str) -> Any:
        call_command(*arguments)
        return json.loads(capfdbinary.readouterr().out)

    return run


def test_add_list_sync_and_coverage(world_of_commands: World, run: Run) -> None:
    world = world_of_commands
    added = run("channels", "add", "@channel_1", "https://t.me/channel_2", "--json")
    assert [item["added"] for item in added] == [True, True]
    (first, second) = run("channels", "list", "--json")
    assert {"id", "peer_id", "username", "title", "kind", "messages", "top_id"} <= set(first)
    assert (first["username"], second["username"]) == ("channel_1", "channel_2")
    runs = run("sync", "@channel_1", "--wait", "--json")
    assert {item["state"] for item in runs} == {"done"}
    found = run("coverage", "@channel_1", "--json")
    truth = world.sandbox.truth("channel_1")
    assert found["top_id"] == truth["top_id"]
    assert found["gaps"] == []
    covered = sum(high - low + 1 for low, high in found["covered"])
    assert found["messages"] + found["absent"] == covered
    assert covered + found["hidden"] == found["top_id"]
    assert found["messages"] == len(truth["messages"])
    (last, *_) = run("runs", "@channel_1", "--json")
    assert last["state"] == "done"


def test_each_channel_that_cannot_be_added_is_told_and_the_exit_code_tells(
    world_of_commands: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("channels", "add", "@channel_1", "@nobody_has_this", "!!")
    assert ended.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "added" in lines[0]
    assert Channel.objects.count() == 1


def test_channels_are_looked_at_before_they_are_added(world_of_commands: World, run: Run) -> None:
    (found,) = run("channels", "preview", "t.me/channel_1", "--json")
    assert (found["ref"], found["username"]) == ("t.me/channel_1", "channel_1")
    assert {"peer_id", "title", "kind", "members", "about", "photo", "newest", "access"} <= set(
        found
    )
    assert not Channel.objects.exists()


def test_what_cannot_be_looked_at_is_told(
    world_of_commands: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("channels", "preview", "@channel_1", "@nobody_has_this")
    assert ended.value.code == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("@channel_1: “")
    assert "broadcast, member" in first
    assert "no channel with this name" in second


def test_an_invite_is_followed_when_told_to(
    world_of_commands: World, run: Run, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    world = world_of_commands
    card = next(c for c in world.sandbox.status()["channels"] if c["invites"])
    phone = world.account.phone
    world.sandbox.control("member", channel=card["id"], phone=phone, joined=False)
    try:
        with pytest.raises(SystemExit):
            run("channels", "add", "t.me/+invite_to_5", "--json")
        assert not Channel.objects.exists()
        assert json.loads(capfdbinary.readouterr().out)[0]["error"].startswith("The account")
        (added,) = run("channels", "add", "t.me/+invite_to_5", "--join", "--json")
        assert added["title"] == card["title"]
    finally:
        world.sandbox.control("member", channel=card["id"], phone=phone)


def test_the_list_of_an_account(
    world_of_commands: World, run: Run, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    cards = world_of_commands.sandbox.status()["channels"]
    listed = run("accounts", "dialogs", "--json")
    assert {row["id"] for row in listed} == {card["id"] for card in cards}
    assert set(listed[0]) == {"id", "username", "type", "title", "access_hash"}
    call_command("accounts", "dialogs", "--known", "--csv")
    lines = capfdbinary.readouterr().out.decode("utf-8-sig").splitlines()
    assert lines[0] == "id,username,type,title,access_hash"
    assert len(lines) == len(cards) + 1


def test_the_list_is_searched_in_a_terminal(
    world_of_commands: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world_of_commands.add("channel_2")
    call_command("accounts", "dialogs", "--search", "channel_2")
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["id", "username", "kind", "archived", "title"]
    assert row.split()[1:4] == ["channel_2", "supergroup", "yes"]


def test_login_from_a_terminal(
    world_of_commands: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = world_of_commands.sandbox.accounts[1]
    api_id, api_hash = world_of_commands.sandbox.api
    monkeypatch.setattr("sys.stdin", io.StringIO(f"00000\n{person['code']}\n"))
    call_command(
        "accounts", "login", "--phone", person["phone"], "--api-id", str(api_id),
        "--api-hash", api_hash, "--password", person["password"],
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert "code" in printed
    assert "Connected as" in printed
    assert Account.objects.get(phone=f"+{person['phone']}").state == Account.State.READY


def test_an_unknown_channel_is_told_with_what_to_do(world: World) -> None:
    with pytest.raises(CommandError, match="channels list"):
        call_command("coverage", "@nothing_here")


def test_without_a_worker_the_command_says_how_to_start_one(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call_command("channels", "add", "@channel_1")
    assert "python3 manage.py up" in capsys.readouterr().out


def test_a_run_can_be_paused_resumed_and_cancelled(world: World) -> None:
    from ingestion.models import SyncRun
    from ingestion.services import runs

    channel = world.add("channel_1")
    runs.request_sync(channel=channel)
    number = str(SyncRun.objects.get(kind="update").pk)
    for wish, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        call_command("runs", f"--{wish}", number)
        assert SyncRun.objects.get(pk=number).state == state
    with pytest.raises(CommandError):
        call_command("runs", "--cancel", number)


@pytest.mark.parametrize(
    "command",
    [
        ["runs", "--limit", "-5"],
        ["runs", "--limit", "²"],
        ["runs", "--cancel", "0"],
        ["runs", "²"],
        ["coverage", "--", "--5"],
        ["accounts", "login"],
        ["accounts", "login", "--phone", "+44 20 7946 0000", "--api-id", "-1", "--api-hash", "x"],
    ],
)
def test_nonsense_is_told_without_a_traceback(
    command: list[str], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError):
        call_command(*command)
