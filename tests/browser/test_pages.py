"""What holds for every page: axe finds nothing, it is small, it stays still, it needs no script.

`manage.py test -m browser tests/browser/test_pages.py --pages docs/pages.md` writes the table of the
documentation anew; without that option it is measured all the same.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from playwright.sync_api import Browser, Page, Request, expect

from archive.models import Export
from ingestion.models import SyncRun
from tests.browser import table
from tests.browser.conftest import profile
from tests.browser.site import Site
from tests.dashboard.adding import answered, preview
from tests.dashboard.screens import CANDIDATES, Screen
from tests.project.files import DOCS
from tgadmin.lib.ranges import IdRanges

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
MOST_BYTES = 60 * 1024
MOST_REQUESTS = 12
#: Of what the server computes, on a machine that does four other things: a page is to take 50, and the
#: table tells what it took.
MOST_MILLISECONDS = 200

#: Pages that are looked at on a phone, too, while they are refreshed: what is changed is on them.
NARROW = {"home", "channel", "run", "exports", "channel-adding"}

#: What moved, and from where to where, for whoever reads the failure.
_SHIFTS = """
window.shifted = [];
new PerformanceObserver(function (list) {
  function box(r) { return [r.x, r.y, r.width, r.height].map(Math.round).join(" "); }
  list.getEntries().forEach(function (entry) {
    if (entry.hadRecentInput) return;
    var nodes = (entry.sources || []).map(function (source) {
      var node = source.node && (source.node.nodeType === 1 ? source.node : source.node.parentElement);
      var path = [];
      for (var up = node; up && path.length < 4; up = up.parentElement) {
        path.unshift(up.id ? "#" + up.id : up.nodeName.toLowerCase() + (up.classList.length ? "." + up.classList[0] : ""));
      }
      return path.join(" ") + " from " + box(source.previousRect) + " to " + box(source.currentRect) +
        " “" + (node ? node.textContent.trim().slice(0, 60) : "") + "”";
    });
    window.shifted.push(entry.value.toFixed(4) + " " + nodes.join("; "));
  });
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def figures(request: pytest.FixtureRequest) -> Iterator[dict[str, table.Row]]:
    """Everything that is measured, by page; written when all was."""
    found: dict[str, table.Row] = {}
    yield found
    file = request.config.getoption("--pages")
    if file and all(row.whole for row in found.values()):
        Path(file).write_text(table.render(found.values()), encoding="utf-8")


@pytest.fixture(scope="module")
def known(site: Site) -> dict[str, Screen]:
    return site.screens()


@pytest.fixture(scope="module", params=CANDIDATES)
def screen(request: pytest.FixtureRequest, known: dict[str, Screen]) -> Screen:
    if request.param not in known:
        pytest.skip("a part of a page, or a file")
    return known[request.param]


@pytest.fixture(scope="module")
def row(screen: Screen, figures: dict[str, table.Row]) -> table.Row:
    return figures.setdefault(screen.name, table.Row(screen.name))


@dataclass
class Visit:
    """A page that was opened, and what the browser asked for."""

    page: Page
    asked: list[Request]


@pytest.fixture(scope="module")
def visit(site: Site, screen: Screen, browser: Browser) -> Iterator[Visit]:
    """Open it in a browser that has seen nothing yet, signed in as the page asks. All that is looked
    at with scripts is looked at in this one.
    """
    with profile(browser, site.address, screen.status) as context:
        context.add_cookies(site.cookies(screen.role))
        context.add_init_script(_SHIFTS)
        page = context.new_page()
        requests: list[Request] = []

        def finished(request: Request) -> None:
            requests.append(request)

        page.on("requestfinished", finished)
        answer = page.goto(screen.address)
        assert answer is not None
        assert answer.status == screen.status
        page.wait_for_timeout(500)  # what a script fetches after the page
        yield Visit(page, [one for one in requests if not one.headers.get("hx-request")])


@pytest.fixture
def page(visit: Visit) -> Page:
    visit.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    visit.page.set_viewport_size({"width": 1440, "height": 900})
    return visit.page


def axe(page: Page, part: str = "html") -> list[str]:
    """What axe has against a page, or a part of it: rule, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    answer: dict[str, Any] = page.evaluate(
        "part => axe.run(part, {resultTypes: ['violations']})", part
    )
    return [
        f"{item['id']}: {node['target']} {node['html'][:120]}"
        for item in answer["violations"]
        for node in item["nodes"][:3]
    ]


def test_it_is_small_and_quick(site: Site, screen: Screen, visit: Visit, row: table.Row) -> None:
    sizes = [request.sizes() for request in visit.asked]
    row.bytes = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    row.requests = len(visit.asked)
    row.queries = site.queries(screen)
    row.milliseconds, computed = site.milliseconds(screen)
    assert row.bytes <= MOST_BYTES
    assert row.requests <= MOST_REQUESTS, [request.url for request in visit.asked]
    assert computed <= MOST_MILLISECONDS


def test_axe_finds_nothing(page: Page, row: table.Row) -> None:
    found = axe_in_both(page)
    row.axe = sum(len(violations) for violations in found.values())
    assert found == {}


def axe_in_both(page: Page) -> dict[str, list[str]]:
    """In both schemes and both layouts; colours do not differ by width, nor what is named by colour."""
    found = {}
    for scheme, width in (("light", 1440), ("dark", 390)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        if violations := axe(page):
            found[f"{scheme}, {width} px"] = violations
        if scheme == "light" and (violations := axe_in_menus(page)):
            found["menus"] = violations
    return found


def axe_in_menus(page: Page) -> list[str]:
    """In each menu, opened; in nothing else, because menus lie over it."""
    opened = page.evaluate(
        """() => [...document.querySelectorAll("details.menu:not([open])")].map(menu => {
            menu.open = true; menu.dataset.opened = ""; return menu }).length"""
    )
    if not opened:
        return []
    found = axe(page, "[data-opened] > .pop")
    page.evaluate(
        """() => document.querySelectorAll("[data-opened]").forEach(menu => {
            menu.open = false; delete menu.dataset.opened })"""
    )
    return found


def test_nothing_runs_over_the_side(page: Page) -> None:
    assert over_the_side(page) == {}


def over_the_side(page: Page) -> dict[int, int]:
    """By how much a page is wider than the window, where it is."""
    over = {}
    for width in (320, 390, 768, 1024, 1190, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            over[width] = wide
    return over


def test_it_can_be_read_without_scripts(site: Site, screen: Screen, browser: Browser) -> None:
    with profile(browser, site.address, screen.status, java_script_enabled=False) as context:
        context.add_cookies(site.cookies(screen.role))
        page = context.new_page()
        page.goto(screen.address)
        expect(page.locator("h1").first).to_be_visible()
        # What is shown and can be pressed has to do something.
        lost = page.locator("button:visible").evaluate_all(
            "all => all.filter(b => !b.form && !b.popoverTargetElement).map(b => b.outerHTML)"
        )
        assert lost == []


def test_live_parts_stay_where_they_are(site: Site, page: Page, row: table.Row) -> None:
    """While a run, an export and a line that is being added go on."""
    row.shifts = 0
    if not page.locator("[hx-trigger*=every]").count():
        return
    wide = shifts(site, page, steps=2)
    narrow = []
    if row.name in NARROW:
        page.set_viewport_size({"width": 390, "height": 844})
        page.reload()
        narrow = shifts(site, page, steps=1)
    row.shifts = len(wide) + len(narrow)
    assert wide + narrow == []


def shifts(site: Site, page: Page, *, steps: int) -> list[str]:
    """What moved while parts of the page were refreshed so many times."""
    # A browser that draws a script for the first time may look for its font as long as it likes.
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(function () { window.shifted = []; })")
    with going_on(site) as go_on:
        for step in range(1, steps + 1):
            with page.expect_response(lambda answer: "live" in answer.url, timeout=10_000):
                go_on(step, step == steps)
        page.wait_for_timeout(200)
    shifted: list[str] = page.evaluate("window.shifted")
    return shifted


@contextmanager
def going_on(site: Site) -> Iterator[Callable[[int, bool], None]]:
    """Yield what lets time pass in the world; afterwards it is as before."""
    run = SyncRun.objects.get(pk=site.world.run.pk)
    export = Export.objects.get(state="running")
    line = site.world.adding.lines.get(text="@slow_answer")

    def go_on(step: int, last: bool) -> None:
        SyncRun.objects.filter(pk=run.pk).update(
            new=run.new + 999 * step,
            changed=run.changed + 111 * step,
            done=run.done | IdRanges.span(46_700 - 150 * step, 46_700),
            rate=142.4 + 100 * step,
        )
        Export.objects.filter(pk=export.pk).update(rows=export.rows + 9_999 * step)
        if last:  # its page asks no more when it is answered
            line.preview = answered(site.world.account, "preview", preview())
            line.save()

    try:
        yield go_on
    finally:
        SyncRun.objects.filter(pk=run.pk).update(
            new=run.new, changed=run.changed, done=run.done, rate=run.rate
        )
        Export.objects.filter(pk=export.pk).update(rows=export.rows)
        answer, line.preview = line.preview, None
        line.save()
        if answer:
            answer.delete()


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ZeroDivisionError(), 500, "The server made a mistake"),
        (OperationalError("the connection is closed"), 503, "The archive does not answer"),
    ],
    ids=["500", "503"],
)
def test_trouble_is_told_on_a_page_like_the_others(
    error: Exception,
    status: int,
    words: str,
    site: Site,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", fail)
    with profile(browser, site.address, status) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_contain_text(words)
        assert axe_in_both(page) == {}
        assert over_the_side(page) == {}


def test_the_question_before_many_are_removed_is_a_page_like_the_others(
    site: Site, browser: Browser
) -> None:
    """It is shown by a press alone, so it is not in the list of pages."""
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("owner"))
        page = context.new_page()
        page.goto("/channels/")
        page.get_by_label("Tick all on this page").check()
        page.get_by_role("button", name="Remove", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            re.compile(r"Remove \d+ channels")
        )
        assert axe_in_both(page) == {}
        assert over_the_side(page) == {}


def test_the_table_of_pages_in_the_documentation_names_each(known: dict[str, Screen]) -> None:
    written = table.names((DOCS / "pages.md").read_text(encoding="utf-8"))
    assert written == list(known), table.COMMAND
