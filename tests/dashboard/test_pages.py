"""What holds for every page: nothing inline, icons that exist, few queries, few bytes."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.template import loader
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.models import Export
from ingestion.models import Channel, Message, SyncRun
from tests.dashboard.routes import ROUTES
from tests.dashboard.world import World, make_world

ClientOf = Callable[[str], Client]
#: Pages by their route's name.
Answers = dict[str, Any]
STATIC = Path(settings.BASE_DIR) / "static"

#: Queries that each page may make at most: session and person, the shell's, its own.
BUDGETS = {
    "home": 23,
    "home-live": 20,
    "channels": 14,
    "channel-add": 11,
    "channel": 25,
    "channel-live": 22,
    "messages": 13,
    "message": 16,
    "runs": 10,
    "run": 10,
    "run-live": 8,
    "exports": 11,
    "exports-live": 6,
    "accounts": 11,
    "account-connect": 10,
    "account": 13,
    "call": 12,
    "call-live": 8,
}
PAGES = [name for name, route in ROUTES.items() if route.method == "get" and route.ok == 200]


def address_of(name: str, world: World) -> str:
    return reverse(name, args=ROUTES[name].arguments(world))


@pytest.fixture
def answers(world: World, client_of: ClientOf) -> Answers:
    """Return every page as an owner gets it."""
    client = client_of("owner")
    return {name: client.get(address_of(name, world)) for name in PAGES}


def test_nothing_is_inline(answers: Answers) -> None:
    inline = r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js"
    for name, answer in answers.items():
        page = answer.content.decode()
        assert re.findall(r"<script(?![^>]* src=)", page) == [], name
        assert re.findall(inline, page) == [], name


def test_the_policy_is_sent(answers: Answers) -> None:
    for answer in answers.values():
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


def test_icons_that_templates_and_code_name_exist() -> None:
    sprite = (STATIC / "vendor" / "icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    templates = Path(settings.BASE_DIR, "templates").rglob("*.html")
    named = {n for path in templates for n in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    code = Path(settings.BASE_DIR, "dashboard").rglob("*.py")
    named |= {n for path in code for n in re.findall(r'icon="([^"]+)"', path.read_text())}
    assert named - known == set()


def test_every_page_has_a_budget() -> None:
    assert set(PAGES) - {"login"} == set(BUDGETS)


def test_a_page_stays_within_its_budget(world: World, client_of: ClientOf) -> None:
    client = client_of("owner")
    for name, budget in BUDGETS.items():
        with CaptureQueriesContext(connection) as asked:
            client.get(address_of(name, world))
        assert len(asked) <= budget, name


@pytest.mark.parametrize("name", ["home", "channels", "channel", "messages", "runs", "exports"])
def test_more_rows_are_no_more_queries(name: str, db: None, client: Client) -> None:
    world = make_world(messages=4)
    client.force_login(world.people["owner"], backend="django.contrib.auth.backends.ModelBackend")
    counts = []
    for round_ in range(2):
        with CaptureQueriesContext(connection) as counted:
            client.get(address_of(name, world))
        counts.append(len(counted))
        if not round_:
            _more(world)
    assert counts[1] <= counts[0]


def _more(world: World) -> None:
    """Twice as many channels, runs, messages and exports."""
    for channel in Channel.objects.order_by("pk")[:6]:
        channel_id = channel.pk
        channel.pk = None
        channel.peer_id -= 10_000
        channel.save()
        run = SyncRun.objects.filter(channel_id=channel_id).first()
        if run:
            run.pk = None
            run.channel = channel
            run.save()
        rows = list(Message.objects.filter(channel_id=channel_id).defer("tsv"))
        for row in rows:
            row.channel_id = channel.pk
        Message.objects.bulk_create(rows)
    for _ in range(3):
        Export.objects.create(
            workspace=world.channel.workspace,
            channel=world.channel,
            format="csv",
            requested_by=world.people["owner"],
        )


def test_a_page_is_small(answers: Answers) -> None:
    for name, answer in answers.items():
        assert len(gzip.compress(answer.content)) < 12_000, name
        assert len(answer.content) < 80_000, name


def test_every_field_has_a_label(answers: Answers) -> None:
    for name, answer in answers.items():
        page = answer.content.decode()
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
            if re.search(r'type="(?:hidden|radio|checkbox)"', field):
                continue  # the last two stand inside of their labels
            identity = re.search(r' id="([^"]+)"', field)
            named = "aria-label=" in field or (identity and identity[1] in labelled)
            assert named, f"{name}: {field}"


def test_ids_are_given_once(answers: Answers) -> None:
    for name, answer in answers.items():
        ids = re.findall(r'\sid="([^"]+)"', answer.content.decode())
        assert sorted(ids) == sorted(set(ids)), name


def test_titles_stand_apart_from_the_text_around_them(world: World, client_of: ClientOf) -> None:
    page = client_of("owner").get("/").content.decode()
    assert "<bdi>نشرة البحر المتوسط</bdi>" in page


def test_what_people_wrote_is_escaped(world: World, client_of: ClientOf) -> None:
    evil = "<img src=x onerror=alert(1)>"
    world.channel.title = world.channel.about = evil
    world.channel.save()
    Message.objects.filter(channel=world.channel).update(text=evil, author=evil)
    client = client_of("owner")
    for name in PAGES:
        assert "<img" not in client.get(address_of(name, world)).content.decode(), name


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_error_pages_say_what_to_do(status: int) -> None:
    page = loader.render_to_string(f"{status}.html")
    assert f">{status}</p>" in page
    assert 'class="btn primary" href="/"' in page
