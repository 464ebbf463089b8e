"""Basic groups: their messages have ids of the one account through which they are archived."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command

from ingestion.models import Account, Channel, ChannelReading, Dialog, Message, SyncRun
from ingestion.services import calls as posting
from sandbox.testing import SandboxProcess
from tests.ingestion.world import World

GROUP, SUPERGROUP = 4_000_111, 1_600_000_001
MARKED, MARKED_LATER = -GROUP, -1_000_000_000_000 - SUPERGROUP


def said(number: int, **more: Any) -> dict[str, Any]:
    """Most ids of the account are in other chats: the group has every seventh."""
    return {"id": number * 7, "date": 1_710_000_000 + number * 60, "text": f"Said {number}", **more}


WORLD = {
    "accounts": [
        {"user_id": 71, "phone": "15551", "code": "12", "first_name": "In It"},
        {"user_id": 72, "phone": "15552", "code": "12", "first_name": "Outside"},
    ],
    "apps": [{"api_id": 5, "api_hash": "five"}],
    "users": [{"id": 900, "first_name": "Ann"}],
    "channels": [
        {
            "id": GROUP,
            "title": "Allotment",
            "kind": "basic_group",
            "members": [71],
            "top_id": 7 * 260,
            "migrated_to": SUPERGROUP,
            "messages": [said(n, sender_id=900) for n in range(1, 261)],
        },
        {
            "id": SUPERGROUP,
            "username": "allotment",
            "title": "Allotment",
            "kind": "supergroup",
            "migrated_from": GROUP,
            "migrated_max_id": 7 * 260,
            "messages": [said(1, sender_id=900)],
        },
    ],
}


@pytest.fixture(scope="module")
def allotment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    directory = tmp_path_factory.mktemp("sb")
    (directory / "world.json").write_text(json.dumps(WORLD), encoding="utf-8")
    with SandboxProcess(directory / "data", world=directory / "world.json") as sandbox:
        yield sandbox


@pytest.fixture
def world(allotment: SandboxProcess, connect_to: Callable[[SandboxProcess], World]) -> World:
    allotment.clear_faults()
    made = connect_to(allotment)
    Account.objects.filter(pk=made.account.pk).update(user_id=71)
    made.account.refresh_from_db()
    return made


def ids(channel: Channel) -> set[int]:
    rows = Message.objects.filter(channel=channel, deleted_at=None)
    return set(rows.values_list("message_id", flat=True))


def test_a_basic_group_is_archived_whole_and_kept_up_to_date(world: World) -> None:
    channel = world.add(str(MARKED))
    assert (channel.kind, channel.peer_id, channel.title) == ("basic_group", MARKED, "Allotment")
    runs = world.sync(channel)
    assert {(run.state, str(run.error)) for run in runs.values()} == {("done", "")}
    truth = world.sandbox.truth(MARKED)["messages"]
    assert ids(channel) == {m["id"] for m in truth}
    rows = Message.objects.filter(channel=channel)
    assert {m.message_id: (m.text, m.sender_id) for m in rows} == {
        m["id"]: (m["text"], str(m["sender_id"])) for m in truth
    }
    new = world.sandbox.post(MARKED, "Rain at last")["id"]
    edited, gone = truth[-2]["id"], truth[-3]["id"]
    world.sandbox.edit(MARKED, edited, text="Corrected")
    world.sandbox.delete(MARKED, gone)
    runs = world.sync(channel)
    assert (runs["update"].new, runs["refresh"].changed, runs["refresh"].deleted) == (1, 1, 1)
    assert new in ids(channel)
    assert gone not in ids(channel)
    assert world.sandbox.requests(method="messages.getMessages"), "each was asked for by its id"


def test_the_command_claims_nothing_of_it(
    world: World, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add(str(MARKED))
    monkeypatch.setattr("ingestion.management._common.workspace", lambda: world.workspace)
    call_command("coverage", "--json", "--", str(MARKED))
    assert json.loads(capfdbinary.readouterr().out)["claim"] is False
    call_command("coverage", "--", str(MARKED))
    said = capfdbinary.readouterr().out.decode()
    assert "no claim" in said
    assert "%" not in said


def test_nothing_is_asked_that_only_channels_have(world: World) -> None:
    since = world.sandbox.last_request()
    world.sync(world.add(str(MARKED)))
    asked = {entry["method"] for entry in world.sandbox.requests(since)}
    assert not [method for method in asked if method.startswith("channels.")]


def test_it_is_bound_to_one_account(world: World) -> None:
    channel = world.add(str(MARKED))
    assert ChannelReading.objects.get(channel=channel).bound_user_id == 71
    other = world.second_account()
    Account.objects.filter(pk=other.pk).update(user_id=72)
    other.refresh_from_db()
    channel.accesses.all().delete()  # the first account was forgotten
    Dialog.objects.create(
        account=other,
        peer_id=MARKED,
        access_hash=1,
        kind="basic_group",
        title="Allotment",
        position=0,
        seen_at=channel.created_at,
    )
    world.sandbox.control("channel", channel=MARKED, members=[71, 72])
    try:
        call = posting.post(account=other, kind="add_channel", arguments={"ref": str(MARKED)})
        world.with_account(other).answer(call)
        assert posting.result(call).error_code == "BOUND_TO_ACCOUNT"
        assert not channel.accesses.exists()
    finally:
        world.sandbox.control("channel", channel=MARKED, members=[71])


def test_the_supergroup_that_it_became_and_the_way_back_are_known(world: World) -> None:
    before = world.add(str(MARKED))
    later = world.add("allotment")
    assert ChannelReading.objects.get(channel=before).migrated_to == MARKED_LATER
    assert ChannelReading.objects.get(channel=later).migrated_from == MARKED


def test_it_stands_in_the_list_of_what_the_account_is_in(world: World) -> None:
    call = posting.post(account=world.account, kind="dialogs")
    world.answer(call)
    rows = Dialog.objects.filter(account=world.account).values_list("peer_id", "kind")
    assert (MARKED, "basic_group") in rows


def test_who_is_not_in_it_is_told(world: World) -> None:
    other = world.second_account()
    call = posting.post(account=other, kind="add_channel", arguments={"ref": str(MARKED)})
    world.with_account(other).answer(call)
    assert posting.result(call).error_code == "CHANNEL_UNKNOWN"
    assert not SyncRun.objects.exists()
