"""The first minutes: three ways to begin, and a list that knows what is done."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client, override_settings

from archive.models import Export
from dashboard import checklist
from dashboard.shell import Shell
from ingestion.models import Account, Channel
from tests.dashboard.world import World
from workspaces.models import Membership, Workspace

ClientOf = Callable[[str], Client]


def home(client: Client) -> str:
    return client.get("/").content.decode()


def shell(world: World, role: str = "owner") -> Shell:
    seat = Membership.objects.get(user=world.people[role])
    return Shell(world.people[role], seat, [seat], "home")


def done(world: World, role: str = "owner") -> set[str]:
    found = checklist.of(shell(world, role))
    assert found
    return {step.key for step in found.steps if step.done}


class TestThreeWays:
    def test_each_leads_somewhere(self, world: World, client_of: ClientOf) -> None:
        page = home(client_of("stranger"))
        assert "my.telegram.org/apps" in page
        assert 'href="/accounts/connect/"' in page
        assert 'href="/imports/"' in page
        assert "python3 manage.py up --demo --port 8001" in page

    def test_a_viewer_is_told_who_does_it(self, world: World, client_of: ClientOf) -> None:
        Membership.objects.filter(user=world.people["stranger"]).update(role="viewer")
        page = home(client_of("stranger"))
        assert "An admin of this workspace does this." in page
        assert "/accounts/connect/" not in page

    def test_an_account_that_is_half_connected_is_gone_on_with(
        self, world: World, client_of: ClientOf
    ) -> None:
        account = Account.objects.create(
            workspace=world.other, phone="+447700900125", api_id=1, api_hash="0" * 32, label="Mine"
        )
        page = home(client_of("stranger"))
        assert "Go on with Mine" in page
        assert f'href="/accounts/{account.pk}/"' in page

    def test_a_demo_that_runs_beside_is_linked(
        self, world: World, client_of: ClientOf, tmp_path: Path
    ) -> None:
        lock = tmp_path / "up.lock"
        with override_settings(DEMO_DATA_DIR=tmp_path):
            assert "Open the demo" not in home(client_of("stranger"))
            lock.write_text(json.dumps({"pid": os.getpid(), "url": "http://127.0.0.1:8001/"}))
            assert 'href="http://127.0.0.1:8001/"' in home(client_of("stranger"))
            for left in ("", "{}", '{"pid": 4194305, "url": "http://127.0.0.1:8001/"}'):
                lock.write_text(left)  # it ended, or was killed
                assert "Open the demo" not in home(client_of("stranger"))

    @override_settings(TGADMIN_DEMO=True)
    def test_the_demo_says_that_it_is_one(self, world: World, client_of: ClientOf) -> None:
        page = home(client_of("stranger"))
        assert "This is the demo." in page
        assert "You are in it." in page
        assert "--demo" not in page
        assert "Its account is connected already" not in page  # that is the first workspace's
        assert "this one begins with nothing" in page
        assert "This is the demo." in home(client_of("viewer"))


class TestChecklist:
    def test_it_knows_from_the_data_what_is_done(self, world: World) -> None:
        assert done(world) == {"account", "channel", "sync", "export", "person"}
        Export.objects.all().delete()
        Membership.objects.exclude(user=world.people["owner"]).delete()
        Account.objects.update(state=Account.State.LOST)
        assert done(world) == {"channel", "sync"}
        Channel.objects.all().delete()
        assert done(world) == set()

    def test_nothing_of_another_workspace_counts(self, world: World) -> None:
        assert done(world, "stranger") == set()

    def test_a_backup_is_known_by_its_mark(
        self, world: World, data_dir: Path, client_of: ClientOf
    ) -> None:
        mark = data_dir / "last-backup.json"
        try:
            for broken in ("", "[]", '{"at": 3}', '{"at": "never"}'):
                mark.write_text(broken)
                assert checklist.last_backup() is None
            mark.write_text('{"at": "2026-11-20T10:00:00+00:00", "file": "a.tgz"}')
            assert checklist.last_backup() is not None
            assert checklist.of(shell(world)) is None  # everything is done
        finally:
            mark.unlink()

    def test_it_stays_until_somebody_closes_it(self, world: World, client_of: ClientOf) -> None:
        assert "First steps" in home(client_of("viewer"))
        client_of("admin").post("/settings/checklist/dismiss/")
        for role in ("owner", "viewer"):
            assert 'id="checklist"' not in home(client_of(role))
        assert Workspace.objects.get(pk=world.workspace.pk).checklist_dismissed_at

    @pytest.mark.parametrize(("role", "closes"), [("admin", True), ("viewer", False)])
    def test_who_may_not_close_it_sees_no_button(
        self, role: str, closes: bool, world: World, client_of: ClientOf
    ) -> None:
        assert ("Close the list" in home(client_of(role))) is closes

    def test_what_comes_next_leads_to_where_it_is_done(
        self, world: World, client_of: ClientOf
    ) -> None:
        Export.objects.all().delete()
        found = checklist.of(shell(world))
        assert found
        assert found.now
        assert (found.now.key, found.now.address) == ("export", "/exports/")
        assert found.done == 4
