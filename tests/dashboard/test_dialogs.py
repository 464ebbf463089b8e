"""The list of what an account is in: reading, choosing, taking it away."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.test import Client

from ingestion.models import AccountCall, Adding, Dialog
from ingestion.services import adding as service
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def test_the_list_marks_what_is_archived_and_offers_the_rest(
    world: World, client_of: ClientOf
) -> None:
    page = client_of("admin").get("/channels/dialogs/").content.decode()
    assert page.count('name="id"') == 3
    assert page.count("Archived</a>") == 2
    assert "<bdi>قطارات الليل</bdi>" in page


def test_the_list_is_searched_by_title_and_name(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    found = client.get("/channels/dialogs/?q=ПРИЛИВЫ").context["dialogs"]
    assert [row.title for row in found] == ["Приливы и карты"]
    assert len(client.get("/channels/dialogs/?q=@night").context["dialogs"]) == 1
    assert "Nothing in the list fits" in client.get("/channels/dialogs/?q=zzz").content.decode()


def test_the_list_goes_on_over_pages(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.views.dialogs.LIMIT", 2)
    client = client_of("admin")
    seen = []
    after = ""
    for _ in range(3):
        context = client.get("/channels/dialogs/", {"after": after}).context
        seen += [row.position for row in context["dialogs"]]
        after = context["following"]
    assert seen == [0, 1, 2, 3, 4]
    assert after is None


def test_the_list_is_read_anew_and_waited_for(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    page = client.post("/channels/dialogs/read/", {"account": world.account.pk}, follow=True)
    call = AccountCall.objects.order_by("-pk")[0]
    assert call.kind == "dialogs"
    query = f"account={world.account.pk}&call={call.pk}"
    assert (
        f'hx-get="/channels/dialogs/live/?{query.replace("&", "&amp;")}"' in page.content.decode()
    )
    assert client.get(f"/channels/dialogs/live/?{query}").status_code == 200
    AccountCall.objects.filter(pk=call.pk).update(state="failed", error="Telegram said no.")
    over = client.get(f"/channels/dialogs/live/?{query}")
    assert over.status_code == 286
    assert "Telegram said no." in client.get(over["HX-Redirect"]).content.decode()
    AccountCall.objects.filter(pk=call.pk).update(state="answered", answer=None)
    over = client.get(f"/channels/dialogs/live/?{query}")
    assert over["HX-Redirect"] == f"/channels/dialogs/?account={world.account.pk}"


def test_ticked_ones_are_added_without_being_asked_about(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    Adding.objects.all().delete()
    keys = list(Dialog.objects.values_list("pk", flat=True))  # two of them are archived
    data = {"account": world.account.pk, "id": keys}
    page = client.post("/channels/dialogs/add/", data, follow=True).content.decode()
    assert page.count('name="line"') == 3
    adding = Adding.objects.get()
    client.post(f"/channels/add/{adding.pk}/save/", {"line": ["0", "2"]})
    service.advance()
    calls = AccountCall.objects.filter(kind="add_channel", arguments__isnull=False, state="pending")
    refs = {call.arguments for call in calls} - {"{}"}
    assert refs == {'{"ref":"-1000000900001"}', '{"ref":"-1000000900003"}'}
    assert not AccountCall.objects.filter(kind="preview").exclude(state="answered").exists()


def test_nothing_ticked_is_told(world: World, client_of: ClientOf) -> None:
    page = client_of("admin").post(
        "/channels/dialogs/add/", {"account": world.account.pk}, follow=True
    )
    assert "Nothing was ticked." in page.content.decode()


def test_the_list_is_taken_away_as_a_table_and_as_json(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    answer = client.get(f"/channels/dialogs/{world.account.pk}/channels.csv")
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [*rows[0]] == ["id", "username", "type", "title", "access_hash"]
    assert rows[3]["title"] == "'=cmd()"
    found = json.loads(b"".join(client.get(f"/channels/dialogs/{world.account.pk}/channels.json")))
    assert found[0]["access_hash"] == "9007199254740993"
    assert len(found) == len(rows) == 5


def test_lists_of_accounts_elsewhere_are_not_found(world: World, client_of: ClientOf) -> None:
    client = client_of("stranger")
    assert client.get(f"/channels/dialogs/?account={world.account.pk}").status_code == 404
    assert client.post("/channels/dialogs/read/", {"account": world.account.pk}).status_code == 404


def test_numbers_that_no_channel_has_are_as_unticked(world: World, client_of: ClientOf) -> None:
    form = {"account": world.account.pk, "id": ["9" * 5_000, "-1", "½"]}
    answer = client_of("admin").post("/channels/dialogs/add/", form, follow=True)
    assert "Nothing was ticked" in answer.content.decode()
