"""Asking for an export, and what the list tells of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from archive import links
from archive.exports import Options
from archive.models import Export
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def newest() -> Export:
    export = Export.objects.order_by("-pk").first()
    assert export
    return export


def test_the_lists_filter_becomes_the_exports(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    channels = [world.channels[0].pk, world.channels[1].pk]
    address = f"/exports/new/?q=a+b&channel={channels[0]}&channel={channels[1]}&kind=photo"
    page = client.get(address).content.decode()
    for name, value in (("q", "a b"), ("channel", channels[1]), ("kind", "photo")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    form = {"q": "a b", "channel": channels, "kind": "photo", "format": "jsonl"}
    assert client.post("/exports/make/", form)["Location"] == "/exports/"
    export = newest()
    assert export.filters == {
        "q": ["a b"],
        "channel": [str(pk) for pk in channels],
        "kind": ["photo"],
    }
    assert (export.channel, export.with_deleted, export.requested_by) == (
        None,
        False,
        world.people["analyst"],
    )
    page = client.get("/exports/").content.decode()
    assert "2 channels" in page
    assert "“a b” · Kind: Photo · without deleted" in page


def test_a_paused_export_says_so_and_can_go_on(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    Export.objects.filter(pk=world.export.pk).update(state="queued")
    client.post(f"/exports/{world.export.pk}/pause/")
    for address in ("/exports/", "/exports/live/", f"/channels/{world.channel.pk}/"):
        page = client.get(address).content.decode()
        assert "Paused</span>" in page, address
        assert f'action="/exports/{world.export.pk}/resume/"' in page, address
    Export.objects.filter(pk=world.export.pk).update(rows=1_200, rows_expected=2_400)
    assert "of 2,400" in client.get("/exports/").content.decode()


def test_how_it_is_written_is_chosen(world: World, client_of: ClientOf) -> None:
    form: dict[str, Any] = {
        "channel": world.channel.pk,
        "format": "csv",
        "with_deleted": "on",
        "without_senders": "on",
        "packing": "gzip",
        "time_zone": "Asia/Tokyo",
        "column": ["text", "date", "raw"],
    }
    client_of("analyst").post("/exports/make/", form)
    options = Options.of(newest())
    assert options.columns == ("message_id", "date", "text")
    assert (options.without_senders, options.gzip, options.time_zone) == (True, True, "Asia/Tokyo")


def test_every_column_is_as_none(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    page = client.get(f"/exports/new/?channel={world.channel.pk}")
    names = [name for name, *_ in page.context["columns"]]
    form = {"channel": world.channel.pk, "format": "jsonl", "column": names}
    client.post("/exports/make/", form)
    assert newest().columns == []


def test_what_it_will_cost_is_said_before(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    answer = client.get(f"/exports/new/?channel={world.channel.pk}")
    cost = answer.context["cost"]
    assert (cost.rows, cost.exact) == (world.channel.totals.messages, True)
    assert cost.size > 0
    assert "What it will be" in answer.content.decode()
    fewer = f"/exports/new/?channel={world.channels[1].pk}&format=jsonl&packing=gzip&column=text"
    assert 0 < client.get(fewer).context["cost"].size < cost.size


def test_what_cannot_be_made_is_told_in_words(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    form = {"channel": world.channel.pk, "format": "csv", "time_zone": "Mars/Olympus"}
    answer = client.post("/exports/make/", form, follow=True)
    assert answer.redirect_chain[0][0] == f"/exports/new/?channel={world.channel.pk}"
    assert "There is no time zone “Mars/Olympus”" in answer.content.decode()
    gone = "/exports/new/?is=deleted&format=csv"
    assert "asks for deleted messages" in client.get(gone).content.decode()


def test_another_workspaces_channel_cannot_be_exported(world: World, client_of: ClientOf) -> None:
    form = {"channel": world.channel.pk, "format": "csv"}
    assert client_of("stranger").post("/exports/make/", form).status_code == 404
    assert client_of("stranger").get(f"/exports/new/?channel={world.channel.pk}").status_code == 404
    assert client_of("viewer").post("/exports/make/", form).status_code == 403


def test_a_running_export_says_how_fast_and_how_long(world: World, client_of: ClientOf) -> None:
    Export.objects.filter(state="running").update(
        started_at=timezone.now() - timedelta(seconds=10), rows=30_000, rows_expected=60_000
    )
    page = client_of("viewer").get("/exports/").content.decode()
    pace = re.search(r"(\d\.\d)k/s, [^<]* left", page)
    assert pace
    assert 1 <= float(pace[1]) <= 3.0  # less where the machine was busy with other things


def test_of_a_worker_that_is_silent_no_time_is_promised(world: World, client_of: ClientOf) -> None:
    now = timezone.now()
    Export.objects.filter(state="running").update(
        started_at=now - timedelta(seconds=60),
        heartbeat_at=now - timedelta(seconds=42),
        rows=30_000,
        rows_expected=60_000,
    )
    page = client_of("viewer").get("/exports/").content.decode()
    assert re.search(r"no sign of its worker for 4\d s", page)
    assert " left<" not in page


def test_a_redacted_export_says_by_what(world: World, client_of: ClientOf) -> None:
    redaction = {"profile": "outside", "name": "Share outside", "rules": {}}
    Export.objects.filter(pk=world.export.pk).update(redaction=redaction)
    assert "redacted: Share outside" in client_of("viewer").get("/exports/").content.decode()


def test_a_file_that_was_deleted_in_time_is_still_told(world: World, client_of: ClientOf) -> None:
    Export.objects.filter(pk=world.export.pk).update(state="expired")
    page = client_of("analyst").get("/exports/").content.decode()
    assert "Expired" in page
    assert f"/exports/{world.export.pk}/download/" not in page
    answer = client_of("analyst").get(f"/exports/{world.export.pk}/download/")
    assert answer.status_code == 410
    assert "Make the export again" in answer.content.decode()


def test_media_and_packing_are_estimated_with_the_rest(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    address = f"/exports/new/?channel={world.channel.pk}&format=jsonl&with_deleted=on"
    plain = client.get(address).context["cost"]
    answer = client.get(f"{address}&with_media=on")
    cost = answer.context["cost"]
    assert plain.media is None
    assert world.medium.file
    assert (cost.media.files, cost.media.size) == (1, world.medium.file.size)
    assert "Media in it" in answer.content.decode()
    assert "1 file<" in answer.content.decode()
    packed = client.get(f"{address}&packing=zstd").context["cost"]
    assert packed.size < plain.size
    redacted = client.get(f"{address}&with_media=on&redaction=outside")
    assert redacted.context["cost"].media is None
    none = f"/exports/new/?channel={world.channels[1].pk}&format=jsonl&with_media=on"
    assert "nothing is downloaded" in client.get(none).content.decode()
    assert "no such redaction profile" in client.get(f"{address}&redaction=0").content.decode()


def test_a_form_that_is_followed_gets_the_cost_alone(world: World, client_of: ClientOf) -> None:
    address = f"/exports/new/?channel={world.channel.pk}&format=csv"
    part = client_of("analyst").get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<dl class="kv">')
    assert "Size" in part
    assert client_of("viewer").get(address, headers={"HX-Request": "true"}).status_code == 403
    assert client_of("stranger").get(address, headers={"HX-Request": "true"}).status_code == 404


def test_the_button_on_a_channels_page_asks_what_it_will_cost(
    world: World, client_of: ClientOf
) -> None:
    page = client_of("analyst").get(f"/channels/{world.channel.pk}/").content.decode()
    form = page[page.index('action="/exports/make/"') :].split(">", 1)[0]
    assert 'hx-get="/exports/new/"' in form
    assert 'hx-target="#cost"' in form
    assert page.count('id="cost"') == 1


def test_without_scripts_the_form_is_shown_again_with_its_choices_and_cost(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("analyst")
    before = Export.objects.count()
    form = {
        "csrfmiddlewaretoken": "x", "channel": world.channel.pk, "format": "jsonl",
        "packing": "zstd", "without_senders": "on", "time_zone": "Asia/Tokyo",
        "column": ["text", "date"], "redaction": "outside", "estimate": "1",
    }  # fmt: skip
    answer = client.post("/exports/make/", form, follow=True)
    assert Export.objects.count() == before
    ((address, _),) = answer.redirect_chain
    assert address.startswith("/exports/new/?channel=")
    assert "csrf" not in address
    options = answer.context["options"]
    assert (options.zstd, options.without_senders, options.with_deleted) == (True, True, False)
    assert options.columns == ("message_id", "date", "text")
    assert (answer.context["kind"], answer.context["redaction"]) == ("jsonl", "outside")
    assert answer.context["cost"].rows
    assert '<button class="btn without-js" type="submit" name="estimate"' in answer.text
    assert client_of("viewer").post("/exports/make/", form, follow=True).status_code == 403


def test_who_comes_too_late_for_a_file_reads_a_page(world: World, client_of: ClientOf) -> None:
    link = f"/shared/{links.secret_of(world.export.links.get())}/"
    for client, address, words in (
        (client_of("analyst"), f"/exports/{world.export.pk}/download/", "Make the export again"),
        (Client(), link, "Ask who gave you the link"),
        (Client(), "/shared/no-link/", "Ask who gave it to you"),
    ):
        answer = client.get(address)
        assert answer.status_code == 410
        page = answer.content.decode()
        assert page.startswith("<!DOCTYPE html>")
        assert words in page
