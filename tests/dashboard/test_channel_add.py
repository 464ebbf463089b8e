"""Adding several channels: what each line leads to, what is added, and with which settings."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ingestion.models import Account, AccountCall, Adding, AddingLine, Channel, SyncRun
from ingestion.services import adding as service
from tests.dashboard.adding import JPEG, answered, preview
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def alone(world: World) -> None:
    """Only what the test itself adds moves."""
    Adding.objects.exclude(pk=world.adding.pk).delete()
    Adding.objects.update(is_open=False)


def start(client: Client, world: World, lines: str) -> Any:
    data = {"lines": lines, "account": world.account.pk}
    return client.post("/channels/add/", data, follow=True)


def newest() -> Adding:
    return Adding.objects.order_by("-pk")[0]


def answer(call: AccountCall | None, **fields: Any) -> None:
    """As the holder of the account does."""
    assert call is not None
    made = answered(call.account, call.kind, fields)
    AccountCall.objects.filter(pk=call.pk).update(state="answered", answer=made.answer)


def refuse(call: AccountCall | None, error: str) -> None:
    assert call is not None
    AccountCall.objects.filter(pk=call.pk).update(state="failed", error=error, error_code="X")


def line(adding: Adding, position: int) -> AddingLine:
    return AddingLine.objects.select_related("call", "preview").get(
        adding=adding, position=position
    )


def test_each_line_has_its_own_result_and_one_wrong_holds_up_no_other(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("admin")
    page = start(client, world, "https://t.me/tidal_charts\nnot a name!\n@city_chronicle\n").content
    assert "3 lines" in page.decode()
    assert "is no name of a channel" in page.decode()
    assert "Already here" in page.decode()
    adding = newest()
    service.advance()
    asked = line(adding, 0).preview
    assert asked is not None
    assert (asked.kind, asked.state) == ("preview", "pending")
    assert line(adding, 1).preview is None
    answer(asked, **preview())
    shown = client.get(f"/channels/add/{adding.pk}/").content.decode()
    for words in ("Приливы и карты", "@tidal_charts", "18,203 members", "Tide tables", "High"):
        assert words in shown
    assert shown.count('name="line"') == 1


def test_only_a_few_lines_are_asked_about_at_a_time(world: World, client_of: ClientOf) -> None:
    start(client_of("admin"), world, "\n".join(f"@channel_{n}" for n in range(9)))
    calls = AccountCall.objects.filter(kind="preview", state="pending")
    for _ in range(2):
        service.advance()
        assert calls.count() == service.AT_ONCE
    refuse(calls.first(), "Nobody has this name.")
    service.advance()
    assert calls.count() == service.AT_ONCE


def test_what_is_chosen_is_added_with_its_settings(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    start(client, world, "@tidal_charts\n@night_trains")
    adding = newest()
    service.advance()
    for position in (0, 1):
        answer(line(adding, position).preview, **preview())
    data = {"line": ["0"], "tags": "sea, news", "minutes": "60", "sync": "1"}
    page = client.post(f"/channels/add/{adding.pk}/save/", data, follow=True).content.decode()
    assert "Left out." in page
    assert "It is being added." in page
    service.advance()
    call = line(adding, 0).call
    assert call is not None
    assert (call.kind, call.arguments) == ("add_channel", '{"ref":"@tidal_charts"}')
    assert line(adding, 1).call is None

    channel = world.channels[8]
    answer(call, channel_id=channel.pk, title=channel.title)
    service.advance()
    channel.refresh_from_db()
    assert (channel.tags, channel.sync_every_minutes) == (["sea", "news"], 60)
    assert SyncRun.objects.filter(channel=channel, state="queued").count() == 3
    assert not Adding.objects.filter(is_open=True).exists()
    done = client.get(f"/channels/add/{adding.pk}/").content.decode()
    assert f'href="/channels/{channel.pk}/"' in done
    assert "1 channel was added" in done


def test_an_invite_is_told_plainly_and_followed_only_when_chosen(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("admin")
    start(client, world, "t.me/+kQ2vYw7LmZ0")
    adding = newest()
    service.advance()
    answer(line(adding, 0).preview, **preview(access="join", peer_id=None, username=""))
    page = client.get(f"/channels/add/{adding.pk}/").content.decode()
    assert "will join this channel; its members can see that." in page
    assert not AccountCall.objects.filter(kind="join").exists()
    client.post(f"/channels/add/{adding.pk}/save/", {"line": "0"})
    service.advance()
    call = line(adding, 0).call
    assert call is not None
    assert call.kind == "join"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"access": "closed"}, "the account is no member"),
        ({"access": "paid"}, "Telegram Stars"),
        ({"channel_id": 1}, "Already in this workspace."),
    ],
)
def test_what_cannot_be_added_says_why_and_has_no_tick(
    fields: dict[str, Any], words: str, world: World, client_of: ClientOf
) -> None:
    client = client_of("admin")
    start(client, world, "@tidal_charts")
    adding = newest()
    service.advance()
    answer(line(adding, 0).preview, **preview(**fields))
    page = client.get(f"/channels/add/{adding.pk}/").content.decode()
    assert words in page
    assert 'name="line"' not in page


def test_a_refusal_is_told_and_can_be_tried_again(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    start(client, world, "@tidal_charts")
    adding = newest()
    service.advance()
    answer(line(adding, 0).preview, **preview())
    client.post(f"/channels/add/{adding.pk}/save/", {"line": "0"})
    service.advance()
    refuse(line(adding, 0).call, "Telegram asked to wait.")
    service.advance()
    page = client.get(f"/channels/add/{adding.pk}/").content.decode()
    assert "Telegram asked to wait." in page
    assert "Try the refused ones again" in page
    client.post(f"/channels/add/{adding.pk}/again/")
    assert line(adding, 0).call is None
    service.advance()
    assert line(adding, 0).call is not None


def test_the_live_part_brings_what_changed_and_stops(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    start(client, world, "@tidal_charts\n@night_trains")
    adding = newest()
    service.advance()
    address = f"/channels/add/{adding.pk}/live/"
    answer(line(adding, 0).preview, **preview())
    part = client.get(address, {"waiting": "0,1"})
    assert part.status_code == 200
    assert 'id="line-0" class="aline found waited" hx-swap-oob="true"' in part.content.decode()
    assert 'id="line-1"' not in part.content.decode()
    assert "?waiting=1" in part.content.decode()
    refuse(line(adding, 1).preview, "Nobody has this name.")
    over = client.get(address, {"waiting": "1"})
    assert over.status_code == 286
    assert 'id="line-0"' not in over.content.decode()  # whose tick somebody may have taken away
    assert "Nobody has this name." in over.content.decode()


def test_photos_come_from_the_preview(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    image = client.get(f"/channels/add/{world.adding.pk}/photos/0/")
    assert image["Content-Type"] == "image/jpeg"
    assert image.content == base64.b64decode(JPEG)
    assert client.get(f"/channels/add/{world.adding.pk}/photos/3/").status_code == 404


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "Type a channel"),
        (" \n ", "Type a channel"),
        (",", "No channel was named."),
        ("\n".join(f"@channel_{n}" for n in range(101)), "These are 101 lines."),
    ],
)
def test_what_is_wrong_with_all_of_it_is_told_without_asking_telegram(
    lines: str, words: str, world: World, client_of: ClientOf
) -> None:
    before = AccountCall.objects.count()
    told = start(client_of("admin"), world, lines)
    assert told.status_code == 422
    assert words in told.content.decode()
    assert AccountCall.objects.count() == before


def test_nothing_ticked_and_impossible_settings_are_told(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    address = f"/channels/add/{world.adding.pk}/save/"
    assert "Nothing was ticked." in client.post(address, {}, follow=True).content.decode()
    told = client.post(address, {"line": "0", "minutes": "0"}, follow=True).content.decode()
    assert "At least one minute." in told
    told = client.post(address, {"line": "0", "tags": "x" * 41}, follow=True).content.decode()
    assert "is too long" in told
    assert not AddingLine.objects.filter(chosen=True).exists()


def test_a_workspace_says_what_channels_begin_with(world: World, client_of: ClientOf) -> None:
    world.workspace.default_sync_minutes = 45
    world.workspace.save()
    page = client_of("admin").get(f"/channels/add/{world.adding.pk}/").content.decode()
    assert '<option value="45" selected>every 45 minutes</option>' in page


def test_without_an_account_the_way_to_one_is_shown(world: World, client_of: ClientOf) -> None:
    Account.objects.all().delete()
    for address in ("/channels/add/", "/channels/dialogs/"):
        page = client_of("admin").get(address).content.decode()
        assert "Connect a Telegram account first" in page


def test_an_account_of_another_workspace_is_no_choice(world: World, client_of: ClientOf) -> None:
    data = {"lines": "@x_channel", "account": world.account.pk}
    assert client_of("stranger").post("/channels/add/", data).status_code == 422
    page = client_of("admin").post("/channels/add/", {"lines": "@x_channel", "account": "0"})
    assert "no longer connected" in page.content.decode()


def test_lines_that_nobody_waits_for_are_looked_at_no_more(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("admin")
    start(client, world, "@tidal_charts")
    monkeypatch.setattr(service, "PATIENCE", -service.PATIENCE)
    service.advance()
    assert not AccountCall.objects.filter(kind="preview", state="pending").exists()
    page = client.get(f"/channels/add/{newest().pk}/").content.decode()
    assert "This was not looked at in time." in page


def test_a_removed_channel_keeps_what_it_had(world: World) -> None:
    channel = world.channels[8]
    Channel.objects.filter(pk=channel.pk).update(tags=["old"])
    adding = Adding.objects.create(
        workspace=world.workspace, account=world.account, tags=["new"], saved_at="2026-01-01T00:00Z"
    )
    call = answered(world.account, "add_channel", {"channel_id": channel.pk})
    AddingLine.objects.create(
        adding=adding, position=0, text="x", ref="@x_x_x", chosen=True, call=call
    )
    service.advance()
    channel.refresh_from_db()
    assert channel.tags == ["old", "new"]


class TestFromTheWeb:
    def post(self, client: Client, names: str) -> Any:
        return client.post("/channels/add/web/", {"names": names})

    def results(self, page: str) -> list[str]:
        """What stands beside each line."""
        found = re.search(r'class="list adding">(.*?)</ul>', page, re.DOTALL)
        assert found
        return found[1].split("<li")[1:]

    def test_each_line_has_its_own_result(self, world: World, client_of: ClientOf) -> None:
        there = world.channel.username
        names = f"@tide_tables\nt.me/+kQ2vYw7LmZ0, @{there}\n\n@night_trains"
        answer = self.post(client_of("admin"), names)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "4 lines" in page
        added, invite, twice, last = self.results(page)
        for result, name in ((added, "tide_tables"), (last, "night_trains")):
            channel = Channel.objects.get(username=name, web_preview=True)
            assert f'href="/channels/{channel.pk}/"' in result
            assert "Added." in result
        assert "t.me/+kQ2vYw7LmZ0" in invite
        assert "Write its @name" in invite
        assert "is already in this workspace" in twice
        assert "Added." not in invite + twice

    def test_what_was_refused_stays_in_the_form(self, world: World, client_of: ClientOf) -> None:
        page = self.post(client_of("admin"), "@tide_tables\nno name!\n<b>").content.decode()
        field = re.search(r"<textarea[^>]*id=\"f-names\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
        assert field
        assert field[1].split() == ["no", "name!", "&lt;b&gt;"]

    def test_one_leads_to_its_page(self, world: World, client_of: ClientOf) -> None:
        answer = self.post(client_of("admin"), " @tide_tables ")
        channel = Channel.objects.get(username="tide_tables")
        assert answer["Location"] == f"/channels/{channel.pk}/"

    def test_when_none_is_added_the_page_says_so(self, world: World, client_of: ClientOf) -> None:
        answer = self.post(client_of("admin"), "t.me/+kQ2vYw7LmZ0")
        assert answer.status_code == 422
        (only,) = self.results(answer.content.decode())
        assert "Write its @name" in only

    def test_nothing_named_is_told(self, world: World, client_of: ClientOf) -> None:
        client = client_of("admin")
        answer = client.post("/channels/add/web/", {"names": " \n,"}, follow=True)
        assert "No channel was named." in answer.content.decode()
