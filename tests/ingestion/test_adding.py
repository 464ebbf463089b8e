"""Every way to a channel: what a preview tells, what is asked of Telegram for it, and joining."""

import asyncio
import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from ingestion import calls
from ingestion.models import Channel, ChannelPhoto, Dialog, FloodWait, KnownChannel
from ingestion.services import calls as posting
from ingestion.services import channels
from ingestion.services.calls import CallResult
from ingestion.telegram import open_session
from tests.ingestion.world import World, assert_equal_to_truth
from tgadmin.lib.threads import DatabaseThread

Ask = Callable[..., CallResult]

LINK = "https://t.me/+invite_to_5"


@pytest.fixture
def world(world: World) -> World:
    """A sandbox as new, whose private channel the account can be taken out of."""
    world.sandbox.reset()
    world.account.session = world.sandbox.session_string(world.account.phone.lstrip("+"))
    world.account.save(update_fields=["session"])
    return world


@pytest.fixture
def ask(world: World) -> Ask:
    """Posts a call about a channel and has it answered."""

    def ask(kind: str, ref: str = "") -> CallResult:
        arguments = {"ref": ref} if ref else {}
        call = posting.post(account=world.account, kind=kind, arguments=arguments)
        world.answer(call)
        return posting.result(call)

    return ask


def methods(world: World, since: int) -> list[str]:
    """What was asked of Telegram, without what every connection begins with."""
    return [
        entry["method"]
        for entry in world.sandbox.requests(since)
        if entry["method"] != "help.getConfig"
    ]


def private(world: World) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in world.sandbox.status()["channels"] if c["invites"])
    return found


def take_out(world: World) -> dict[str, Any]:
    """The account is no member of the private channel any more."""
    card = private(world)
    phone = world.account.phone
    world.sandbox.control("member", channel=card["id"], phone=phone, joined=False)
    return card


def test_a_preview_shows_a_channel_before_it_is_saved(world: World, ask: Ask) -> None:
    world.sandbox.post("channel_1", "First line\n\nand " + "more " * 100)
    truth = world.sandbox.truth("channel_1")
    since = world.sandbox.last_request()
    found = ask("preview", "t.me/channel_1/5").answer
    assert methods(world, since) == [
        "contacts.resolveUsername",
        "channels.getFullChannel",
        "messages.getHistory",
        "upload.getFile",
    ]
    assert (found["ref"], found["peer_id"], found["username"]) == (
        "@channel_1",
        truth["id"],
        "channel_1",
    )
    assert (found["title"], found["kind"], found["about"], found["members"]) == (
        truth["title"],
        "broadcast",
        truth["about"],
        truth["participants"],
    )
    newest = truth["messages"][-1]
    assert (found["newest"]["id"], found["newest"]["date"]) == (newest["id"], newest["date"])
    assert found["newest"]["text"].startswith("First line and more more")
    assert found["newest"]["text"].endswith("…")
    assert base64.b64decode(found["photo"]).startswith(b"\xff\xd8")
    assert (found["access"], found["is_private"]) == ("member", False)
    assert (found["channel_id"], found["removed"]) == (None, False)
    assert not Channel.objects.exists()


def test_what_was_previewed_is_added_without_resolving_it_again(world: World, ask: Ask) -> None:
    ask("preview", "@channel_1")
    since = world.sandbox.last_request()
    added = ask("add_channel", "@Channel_1")
    assert methods(world, since) == ["channels.getFullChannel"]
    channel = Channel.objects.get(pk=added.answer["channel_id"])
    photo = ChannelPhoto.objects.get(channel=channel)
    assert photo.photo_id == channel.photo_id
    assert bytes(photo.image).startswith(b"\xff\xd8")
    again = ask("preview", str(channel.peer_id)).answer
    assert (again["channel_id"], again["removed"]) == (channel.pk, False)


def test_a_name_that_moved_to_another_channel_leads_there(world: World, ask: Ask) -> None:
    first = ask("preview", "@channel_1").answer["peer_id"]
    world.sandbox.control("channel", channel="channel_1", username="channel_one")
    world.sandbox.control("channel", channel="channel_2", username="channel_1")
    second = ask("preview", "@channel_1").answer["peer_id"]
    assert second not in (first, None)
    assert world.sandbox.truth("channel_1")["id"] == second


def test_a_wait_for_names_is_told_and_not_tried_again(world: World, ask: Ask) -> None:
    world.sandbox.fault("flood_wait", "contacts.resolveUsername", seconds=900)
    assert ask("preview", "@channel_1").error_code == "FLOOD_WAIT"
    since = world.sandbox.last_request()
    told = ask("preview", "@channel_2")
    assert (told.error_code, methods(world, since)) == ("FLOOD_WAIT", [])
    assert "15 min" in told.error
    assert "Try again" in told.error
    FloodWait.objects.update(until=F("until") - timedelta(minutes=16))
    assert ask("preview", "@channel_2").state == "answered"


def test_a_photo_that_cannot_be_had_stops_nothing(world: World, ask: Ask) -> None:
    world.sandbox.fault("LOCATION_INVALID", "upload.getFile", count=None)
    small = base64.b64decode(ask("preview", "@channel_1").answer["photo"])
    assert small.startswith(b"\xff\xd8")
    added = ask("add_channel", "@channel_1")
    assert added.state == "answered"
    assert not ChannelPhoto.objects.exists()


def test_a_number_is_looked_for_in_the_list_of_the_account(world: World, ask: Ask) -> None:
    card = private(world)
    since = world.sandbox.last_request()
    found = ask("preview", f"https://t.me/c/{-card['id'] - 10**12}/7").answer
    assert methods(world, since) == [
        "messages.getDialogs",
        "channels.getFullChannel",
        "messages.getHistory",
        "upload.getFile",
    ]
    assert (found["title"], found["access"], found["is_private"]) == (card["title"], "member", True)
    since = world.sandbox.last_request()
    unknown = ask("preview", "-1009999999999")
    assert unknown.error_code == "CHANNEL_UNKNOWN"
    assert "@name" in unknown.error
    assert methods(world, since) == [], "the list was read a moment ago"


def test_an_invite_link_is_shown_and_followed_when_told_to(world: World, ask: Ask) -> None:
    card = take_out(world)
    since = world.sandbox.last_request()
    found = ask("preview", LINK).answer
    assert methods(world, since) == ["messages.checkChatInvite", "upload.getFile"]
    assert (found["title"], found["members"], found["access"]) == (
        card["title"],
        card["participants"],
        "join",
    )
    assert (found["peer_id"], found["newest"], found["kind"]) == (None, None, "supergroup")
    assert base64.b64decode(found["photo"]).startswith(b"\xff\xd8")
    refused = ask("add_channel", LINK)
    assert refused.error_code == "JOIN_FIRST"
    joined = ask("join", found["ref"])
    channel = Channel.objects.get(pk=joined.answer["channel_id"])
    assert (channel.peer_id, channel.title, channel.is_private) == (card["id"], card["title"], True)
    assert ask("preview", LINK).answer["access"] == "member"


def test_an_administrator_has_to_agree(world: World, ask: Ask) -> None:
    card = take_out(world)
    world.sandbox.control("invite", channel=card["id"], hash="invite_to_5", approval=True)
    assert ask("preview", LINK).answer["access"] == "approval"
    waiting = ask("join", LINK)
    assert waiting.error_code == "INVITE_REQUEST_SENT"
    assert "administrator" in waiting.error
    assert not Channel.objects.exists()
    world.sandbox.control("member", channel=card["id"], phone=world.account.phone)
    assert ask("join", LINK).answer["title"] == card["title"]


@pytest.mark.parametrize("code", ["CHANNELS_TOO_MUCH", "USERS_TOO_MUCH"])
def test_what_is_in_the_way_of_joining_is_told(world: World, ask: Ask, code: str) -> None:
    take_out(world)
    world.sandbox.fault(code, "messages.importChatInvite")
    assert ask("join", LINK).error_code == code
    assert not Channel.objects.exists()


def test_a_link_that_is_over_is_told(world: World, ask: Ask) -> None:
    card = take_out(world)
    world.sandbox.control("invite", channel=card["id"], hash="invite_to_5", revoked=True)
    for kind in ("preview", "join"):
        result = ask(kind, LINK)
        assert result.error_code == "INVITE_HASH_EXPIRED"
        assert "new one" in result.error


def test_only_invites_are_joined(world: World, ask: Ask) -> None:
    assert ask("join", "@channel_1").error_code == "NOT_AN_INVITE"


def test_a_channel_without_a_name_that_was_joined_is_archived_whole(world: World, ask: Ask) -> None:
    card = take_out(world)
    channel = Channel.objects.get(pk=ask("join", LINK).answer["channel_id"])
    runs = world.sync(channel)
    assert {run.state for run in runs.values()} == {"done"}
    assert_equal_to_truth(channel, world.sandbox.truth(card["id"]))
    assert not world.report(channel).gaps


def test_a_channel_of_the_list_is_archived_whole(world: World, ask: Ask) -> None:
    card = private(world)
    assert ask("dialogs").answer == {"dialogs": len(world.sandbox.status()["channels"])}
    dialog = Dialog.objects.get(account=world.account, peer_id=card["id"])
    assert (dialog.title, dialog.username, dialog.is_private) == (card["title"], "", True)
    since = world.sandbox.last_request()
    added = ask("add_channel", str(dialog.peer_id))
    assert methods(world, since) == ["channels.getFullChannel", "upload.getFile"]
    channel = Channel.objects.get(pk=added.answer["channel_id"])
    world.sync(channel)
    assert_equal_to_truth(channel, world.sandbox.truth(card["id"]))
    assert not world.report(channel).gaps


def test_lines_are_answered_in_order_and_none_is_void(world: World) -> None:
    lines = channels.check_many(
        workspace=world.workspace, text="@channel_1\nnobody_has_this\n@channel_2\n\n@channel_1"
    )
    asked = [
        posting.post(account=world.account, kind="preview", arguments={"ref": str(line.ref)})
        for line in lines
        if line.ref
    ]
    world.answer(asked[0])
    results = [posting.result(call) for call in asked]
    assert [result.state for result in results] == ["answered", "failed", "answered"]
    moments = [call.answered_at for call in asked if call.answered_at]
    assert moments == sorted(moments)
    assert lines[3].error
    assert lines[3].error.code == "REPEATED"


def test_who_waits_behind_somebody_waits_another_minute(world: World) -> None:
    first, second = (
        posting.post(account=world.account, kind="preview", arguments={"ref": f"@channel_{n}"})
        for n in (1, 2)
    )
    nearly = first.created_at - timedelta(seconds=50)
    type(first).objects.update(created_at=nearly)
    world.answer(first)
    second.refresh_from_db()
    assert second.created_at > nearly + timedelta(seconds=45)
    assert posting.result(second).state == "answered"


def test_a_holder_that_has_to_stop_leaves_calls_to_the_next(world: World) -> None:
    call = posting.post(account=world.account, kind="preview", arguments={"ref": "@channel_1"})

    async def answer(*, stopped: bool) -> None:
        stop = asyncio.Event()
        if stopped:
            stop.set()
        async with (
            DatabaseThread("calls") as database,
            open_session(world.account, lambda: True) as session,
        ):
            await calls.answer_waiting(world.account, session, database, stop)

    asyncio.run(answer(stopped=True))
    assert posting.result(call).state == "waiting"
    asyncio.run(answer(stopped=False))
    assert posting.result(call).state == "answered"


def test_lines_that_are_in_the_workspace_are_told_before_anything_is_asked(world: World) -> None:
    channel = world.add("channel_1")
    number = -channel.peer_id - 10**12
    lines = channels.check_many(
        workspace=world.workspace,
        text=f"T.me/Channel_1\nt.me/c/{number}/5\n@channel_2\n{LINK}",
    )
    assert [line.error.code if line.error else "" for line in lines] == [
        "DUPLICATE",
        "DUPLICATE",
        "",
        "",
    ]
    assert lines[0].error
    assert channel.title in lines[0].error.happened


def test_what_an_account_met_is_its_own(world: World, ask: Ask) -> None:
    ask("preview", "@channel_1")
    other = world.second_account()
    call = posting.post(account=other, kind="preview", arguments={"ref": "@channel_1"})
    world.answer(call)
    assert posting.result(call).state == "answered"
    hashes = KnownChannel.objects.values_list("access_hash", flat=True)
    assert len(set(hashes)) == 2
