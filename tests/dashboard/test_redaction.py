"""Redaction profiles in the browser's words."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from archive.models import PiiAudit, RedactionProfile
from tests.dashboard.world import World


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
