"""Redaction profiles in the browser's words."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from archive.models import PiiAudit, RedactionProfile
from ingestion.models import ChannelTotals
from tests.dashboard.world import World
from tests.factories import make_channel

ClientOf = Callable[[str], Client]


def test_a_profile_is_saved_as_the_form_says(
    world: World, client_of: Callable[[str], Client]
) -> None:
    client = client_of("owner")
    page = client.get("/settings/redaction/").content.decode()
    for field in ('name="name"', 'name="kind_phone"', 'name="kind_name"'):
        assert page.count(field) == 1
    sent = {"name": "For the court", "kind_phone": "replace", "kind_name": "pseudonym"}
    client.post("/settings/redaction/save/", sent, follow=True)
    profile = RedactionProfile.objects.get(name="For the court")
    assert (profile.rules["phone"], profile.rules["name"]) == ("replace", "pseudonym")
    assert "For the court" in client.get("/settings/redaction/").content.decode()


def test_a_look_for_personal_data_shows_how_far_it_is_until_it_is_done(
    world: World, client_of: Callable[[str], Client]
) -> None:
    client, audit = client_of("owner"), world.workspace.pii_audits.get()
    address = f"/settings/personal-data/{audit.pk}/"
    assert "hx-trigger" not in client.get(address).content.decode()
    begun = timezone.now() - timedelta(minutes=1)
    changed = {"state": "running", "rows": 250, "rows_expected": 1_000, "created_at": begun}
    PiiAudit.objects.filter(pk=audit.pk).update(**changed)
    page = client.get(address).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "250 of 1,000 messages, 3 min" in page


def test_the_form_of_an_export_says_what_the_last_look_found_in_its_channels(
    world: World, client_of: ClientOf
) -> None:
    client, (first, second) = client_of("owner"), world.channels[:2]
    old = timezone.now() - timedelta(days=3)
    PiiAudit.objects.update(created_at=old)  # it found one phone in the first
    newer = PiiAudit.objects.create(
        workspace=world.workspace,
        channels=[second.pk],
        state="done",
        counts={str(second.pk): {"phone": 2, "email": 4_000}},
    )
    PiiAudit.objects.create(
        workspace=world.workspace,
        channels=[first.pk],
        state="failed",
        counts={str(first.pk): {"ip": 9}},
    )
    page = client.get(f"/exports/new/?channel={first.pk}").content.decode()
    assert "Phone numbers: 1<" in page
    assert "E-mail addresses" not in page
    assert f'datetime="{old:%Y-%m-%dT%H:%M}' in page
    assert "Look through them again" in page
    both = client.get(f"/exports/new/?channel={first.pk}&channel={second.pk}").content.decode()
    assert "Phone numbers: 3<" in both
    assert "E-mail addresses: 4,000<" in both
    assert f'href="/settings/personal-data/{newer.pk}/"' in both
    make_channel(world.workspace)  # without messages, which a look leaves out
    every = client.get("/exports/new/").content.decode()
    theirs = ChannelTotals.objects.filter(channel__in=world.channels)
    full = theirs.filter(messages__gt=0).count()
    assert f"{full - 2} of the channels were never looked through." in every


def test_the_form_of_an_export_has_a_look_made_and_comes_back(
    world: World, client_of: ClientOf
) -> None:
    third, address = world.channels[2], f"/exports/new/?channel={world.channels[2].pk}&format=xlsx"
    # Who may export but not look is told who can.
    said = client_of("analyst").get(address).content.decode()
    assert "Nobody has looked through these channels yet. An admin can" in said
    assert "/settings/personal-data/" not in said
    client = client_of("admin")
    page = client.get(address).content.decode()
    assert "Nobody has looked through these channels yet." in page
    form = page.split('<form id="look"')[1].split("</form>")[0]
    assert f'name="back" value="{address.replace("&", "&amp;")}"' in form
    assert f'name="channel" value="{third.pk}"' in form
    sent = {"channel": third.pk, "back": address}
    answer = client.post("/settings/personal-data/look/", sent)
    assert answer["Location"] == address
    audit = PiiAudit.objects.get(state="running")
    assert audit.channels == [third.pk]
    PiiAudit.objects.filter(pk=audit.pk).update(rows=5, rows_expected=20)
    going = client.get(address).content.decode()
    assert "Looking: 5 of 20 messages" in going
    assert 'hx-trigger="every 2s"' in going
    assert 'form="look"' not in going
    part = client.get(address, headers={"HX-Request": "true", "HX-Target": "pii"}).content.decode()
    assert part.lstrip().startswith('<div class="field" id="pii" hx-get=')
    assert "Looking: 5 of 20 messages" in part
    elsewhere = client.post("/settings/personal-data/look/", {"back": "https://evil.example/"})
    assert elsewhere["Location"].startswith("/settings/personal-data/")
