"""Redaction profiles in the browser's words."""

from collections.abc import Callable

from django.test import Client

from archive.models import RedactionProfile
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
