"""What holds for every page: nothing inline, icons that exist, few bytes."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template import loader
from django.test import Client
from django.urls import reverse

from ingestion.models import Message
from tests.dashboard.routes import ROUTES
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]
#: Pages by their route's name.
Answers = dict[str, Any]
STATIC = Path(settings.BASE_DIR) / "static"

PAGES = [name for name, route in ROUTES.items() if route.method == "get" and route.ok == 200]


def address_of(name: str, world: World) -> str:
    return reverse(name, args=ROUTES[name].arguments(world))


@pytest.fixture(scope="module")
def once() -> Answers:
    """What was answered, for the tests that only look at it."""
    return {}


@pytest.fixture
def answers(once: Answers, request: pytest.FixtureRequest) -> Answers:
    """Return every page as an owner gets it, without pictures and files."""
    if not once:
        world = request.getfixturevalue("world")
        once.update(_asked(world, request.getfixturevalue("client_of")))
    return once


def _asked(world: World, client_of: ClientOf) -> Answers:
    client = client_of("owner")
    found = {}
    for name in PAGES:
        answer = client.get(address_of(name, world))
        if answer.get("Content-Type", "text/html")[:9] == "text/html":
            found[name] = answer
        else:
            b"".join(answer)  # the end of a stored file closes it
    return found


def test_nothing_is_inline(answers: Answers) -> None:
    inline = r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js"
    for name, answer in answers.items():
        page = answer.content.decode()
        # Data for a script is none: the browser never runs it.
        assert re.findall(r'<script(?![^>]*( src=| type="application/json"))', page) == [], name
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


def test_a_page_is_small(answers: Answers) -> None:
    for name, answer in answers.items():
        assert len(gzip.compress(answer.content)) < 12_000, name
        assert len(answer.content) < 120_000, name  # a calendar has 371 days


def test_every_field_has_a_label(answers: Answers) -> None:
    for name, answer in answers.items():
        page = answer.content.decode()
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
        for found in re.finditer(r"<(?:input|select|textarea)\b[^>]*>", page):
            field, before = found[0], page[: found.start()]
            if 'type="hidden"' in field:
                continue
            inside = before.rfind("<label") > before.rfind("</label>")
            identity = re.search(r' id="([^"]+)"', field)
            named = "aria-label" in field or (identity and identity[1] in labelled)
            assert inside or named, f"{name}: {field}"


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
        assert b"<img src=x" not in b"".join(client.get(address_of(name, world))), name


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_error_pages_say_what_to_do(status: int) -> None:
    page = loader.render_to_string(f"{status}.html")
    assert f">{status}</p>" in page
    assert 'class="btn primary" href="/"' in page
