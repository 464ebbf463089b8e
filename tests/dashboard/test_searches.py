"""Saved searches: private ones, shared ones, and who may do what with them."""

from collections.abc import Callable

import pytest
from django.test import Client

from archive.models import SavedSearch
from tests.dashboard.world import World
from workspaces.models import AuditEvent

ClientOf = Callable[[str], Client]


def named(name: str) -> SavedSearch:
    return SavedSearch.objects.get(name=name)


def test_a_search_is_saved_where_it_was_made_and_opened_again(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("viewer")
    first = world.channels[0]
    page = client.get(f"/messages/?q=ferry&channel={first.pk}&kind=photo").content.decode()
    assert f'name="channel" value="{first.pk}"' in page
    assert "Save this search" in page
    form = {"q": "ferry", "channel": str(first.pk), "kind": "photo", "name": "  My  ferries "}
    answer = client.post("/searches/save/", form)
    assert answer["Location"] == f"/messages/?q=ferry&channel={first.pk}&kind=photo"
    row = named("My ferries")
    assert (row.owner, row.workspace, row.shared) == (
        world.people["viewer"], world.workspace, False,
    )  # fmt: skip
    opened = client.get(f"/searches/{row.pk}/")
    assert opened["Location"] == answer["Location"]
    for address in ("/searches/", "/messages/"):
        assert f'href="/searches/{row.pk}/"' in client.get(address).content.decode()
    listed = client.get("/searches/").content.decode()
    assert f"ferry channel:@{first.username} kind:photo" in listed


def test_a_private_one_is_nobody_elses(world: World, client_of: ClientOf) -> None:
    client_of("viewer").post("/searches/save/", {"q": "x", "name": "Private"})
    row = named("Private")
    for role in ("owner", "stranger"):
        client = client_of(role)
        assert client.get(f"/searches/{row.pk}/").status_code == 404
        assert client.post(f"/searches/{row.pk}/delete/").status_code == 404
        assert "Private" not in client.get("/searches/").content.decode()
    assert client_of("viewer").post(f"/searches/{row.pk}/delete/").status_code == 302
    assert not SavedSearch.objects.filter(pk=row.pk).exists()


def test_sharing_takes_an_analyst(world: World, client_of: ClientOf) -> None:
    form = {"q": "x", "name": "Everybody's", "shared": "on"}
    assert client_of("viewer").post("/searches/save/", form).status_code == 403
    assert 'name="shared"' not in client_of("viewer").get("/messages/?q=x").content.decode()
    client = client_of("analyst")
    assert 'name="shared"' in client.get("/messages/?q=x").content.decode()
    client.post("/searches/save/", form)
    row = named("Everybody's")
    assert row.shared
    assert f'href="/searches/{row.pk}/"' in client_of("viewer").get("/searches/").content.decode()
    assert client_of("viewer").post(f"/searches/{row.pk}/delete/").status_code == 403
    # Those who manage channels may rename and delete it; private it stays its owner's.
    admin = client_of("admin")
    assert admin.post(f"/searches/{row.pk}/change/", {"name": "Mine"}).status_code == 403
    admin.post(f"/searches/{row.pk}/change/", {"name": "Ours", "shared": "on"})
    assert named("Ours").owner == world.people["analyst"]
    admin.post(f"/searches/{row.pk}/delete/")
    told = AuditEvent.objects.filter(action__startswith="search.").order_by("pk")
    assert [(event.action, event.target) for event in told] == [
        ("search.share", "Everybody's"),
        ("search.share", "Ours"),
        ("search.delete", "Ours"),
    ]


def test_a_feed_is_made_of_a_search_by_those_who_see_it_and_may_export(
    world: World, client_of: ClientOf
) -> None:
    owner, analyst = client_of("owner"), client_of("analyst")
    analyst.post("/searches/save/", {"q": "ferry", "name": "Private boats"})
    row = named("Private boats")
    address = f"/exports/feeds/?search={row.pk}"
    assert f'href="{address}"' in analyst.get("/searches/").content.decode()
    form = analyst.get(address).content.decode()
    assert f'name="search" value="{row.pk}"' in form
    assert 'name="name" value="Private boats"' in form
    wanted = {"search": row.pk, "name": "Boats"}
    for role in ("owner", "stranger"):
        client = client_of(role)
        assert client.get(address).status_code == 404
        assert client.post("/exports/feeds/make/", wanted).status_code == 404
    page = analyst.post("/exports/feeds/make/", wanted, follow=True)
    assert page.context["addresses"]
    assert (row.feeds.get().name, row.feeds.get().filters) == ("Boats", {})
    assert "Private boats" in page.content.decode()
    # Others see that there is a feed; of what, is its maker's alone.
    others = owner.get("/exports/feeds/").content.decode()
    assert "Boats" in others
    assert "Private boats" not in others
    assert "The feed that follows it ends, too." in analyst.get("/searches/").content.decode()
    analyst.post(f"/searches/{row.pk}/delete/")
    assert not world.workspace.feeds.filter(name="Boats").exists()


def test_a_viewer_is_offered_no_feed_and_makes_none(world: World, client_of: ClientOf) -> None:
    client, row = client_of("viewer"), world.saved
    assert "/exports/feeds/?search=" not in client.get("/searches/").content.decode()
    wanted = {"search": row.pk, "name": "Boats"}
    assert client.post("/exports/feeds/make/", wanted).status_code == 403
    for search in ("0", "x", "9" * 30):
        page = client_of("owner").get("/exports/feeds/", {"search": search})
        assert page.status_code == 404


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"q": "x", "name": " "}, "needs a name"),
        ({"name": "All"}, "There is nothing to save"),
        ({"q": "y", "name": "TAKEN"}, "called “TAKEN” already"),
    ],
)
def test_what_cannot_be_saved_is_told(
    form: dict[str, str], words: str, world: World, client_of: ClientOf
) -> None:
    client = client_of("analyst")
    client.post("/searches/save/", {"q": "x", "name": "Taken"})
    page = client.post("/searches/save/", form, follow=True).content.decode()
    assert words in page
    assert SavedSearch.objects.filter(owner=world.people["analyst"]).count() == 2


def test_days_stay_those_that_they_were(world: World, client_of: ClientOf) -> None:
    client_of("analyst").post("/searches/save/", {"from": "2026-05-01", "name": "May"})
    assert named("May").filters == {"from": ["2026-05-01"], "zone": ["UTC"]}
