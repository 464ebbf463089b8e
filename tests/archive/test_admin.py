"""Exports in the stock admin: to look at."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from archive.models import Export
from tests.factories import make_member, make_user
from workspaces.roles import Role

pytestmark = pytest.mark.django_db


def test_superusers_see_exports_and_change_none(
    make_export: Callable[..., Export], client: Client
) -> None:
    export = make_export()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    assert b"News" in client.get(reverse("admin:archive_export_changelist")).content
    address = reverse("admin:archive_export_change", args=[export.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403
    assert client.get(reverse("admin:archive_export_add")).status_code == 403
    assert client.get(reverse("admin:archive_export_delete", args=[export.pk])).status_code == 403


def test_nobody_else_does(make_export: Callable[..., Export], client: Client) -> None:
    export = make_export()
    client.force_login(make_member(Role.OWNER, export.workspace))
    assert client.get(reverse("admin:archive_export_changelist")).status_code == 302
