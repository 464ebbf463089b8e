"""A channel's page as a person uses it, in Arabic and Russian, at a desk and on a phone."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from ingestion.models import SyncRun
from tests.browser.conftest import profile
from tests.browser.site import Site
from tgadmin.lib.ranges import IdRanges

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_PRESS = UUID(int=7)


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("owner"))
        yield context.new_page()


def test_what_was_before_opens_on_a_press(site: Site, page: Page) -> None:
    page.goto(f"/channels/{site.world.channel.pk}/")
    expect(page.get_by_text("Городские заметки")).to_be_hidden()
    page.get_by_text("3 earlier changes").click()
    expect(page.get_by_text("Городские заметки")).to_be_visible()
    loaded = page.locator("img.photo").evaluate_all("all => all.map(i => i.naturalWidth)")
    assert loaded[0] == 160


#: Where the pointer meets what is archived, and no other piece that is drawn over it.
_ON_HAVE = """tape => {
  var box = tape.getBoundingClientRect(), y = box.y + box.height / 2;
  for (var x = box.x + 1; x < box.right; x++)
    if (document.elementFromPoint(x, y).matches("rect.have")) return [x, y];
}"""


def test_every_piece_of_the_tape_says_under_the_pointer_what_it_is(site: Site, page: Page) -> None:
    page.goto(f"/channels/{site.world.channel.pk}/")
    tape = page.locator("#tape svg.tape")
    x, y = tape.evaluate(_ON_HAVE)
    page.mouse.move(x, y)
    told = tape.locator("rect:hover > title").text_content() or ""
    assert re.fullmatch(r"Have: [\d,]+ – [\d,]+, (at most )?[\d,]+ messages", told), told
    assert tape.locator("rect:not(.void)").count() == tape.locator("rect > title").count()


def test_a_range_is_chosen_and_kept_by_the_ranking(site: Site, page: Page) -> None:
    page.goto(f"/channels/{site.world.channel.pk}/")
    page.get_by_role("navigation", name="Time range").get_by_text("90d").click()
    page.get_by_role("navigation", name="Ranked by").get_by_text("Forwards").click()
    assert "range=90d" in page.url
    assert "top=forwards" in page.url
    expect(page.locator(".best > li")).to_have_count(5)
    expect(page.locator("#activity .plot-at :is(svg, canvas)").first).to_be_visible()


def test_the_calendar_tells_the_day_under_the_pointer_and_leads_to_it(
    site: Site, page: Page
) -> None:
    page.goto(f"/channels/{site.world.channel.pk}/")
    figure = page.locator("figure.heat")
    counts = (figure.get_attribute("data-counts") or "").split(",")
    busy = max(range(len(counts)), key=lambda day: int(counts[day] or 0))
    figure.scroll_into_view_if_needed()
    # Where that square is, as the drawing says: 13 units a day, from 30 and 18 off its corner.
    box = figure.locator(".cal").first.bounding_box()
    assert box
    unit = box["width"] / 719
    place = (30 + 13 * (busy // 7) + 5, 18 + 13 * (busy % 7) + 5)
    at = (box["x"] + unit * place[0], box["y"] + unit * place[1])
    page.mouse.move(*at)
    tip = figure.locator(".plot-tip")
    expect(tip).to_contain_text(f"Messages{int(counts[busy]):,}")
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    page.mouse.click(*at)
    expect(page).to_have_url(re.compile(r"/messages/\?channel=\d+&day=\d{4}-\d\d-\d\d$"))
    expect(page.locator("h1")).to_be_visible()


def test_a_gap_is_asked_for_from_its_row(site: Site, page: Page) -> None:
    channel = site.world.channels[4]
    page.goto(f"/channels/{channel.pk}/")
    row = page.locator("#gap-rows tr").first
    expect(row).to_contain_text("2,600 – 3,800")
    row.get_by_role("button", name="Ask now").click()
    expect(page.locator("#gap-rows tr").first).to_contain_text("Filling")
    run = SyncRun.objects.get(channel=channel)
    assert run.planned is not None
    assert run.planned.pairs == ((2600, 3800),)
    run.delete()


def test_other_ways_to_sync_are_reached_by_keys(site: Site, page: Page) -> None:
    page.goto(f"/channels/{site.world.channels[4].pk}/")
    page.get_by_role("button", name="Sync now").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    refresh = page.get_by_role("button", name="Refresh")
    expect(refresh).to_be_visible()
    page.keyboard.press("Escape")
    expect(refresh).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("place", [0, 1], ids=["russian", "arabic"])
def test_the_end_of_a_sync_moves_nothing_below(
    place: int, width: int, site: Site, page: Page
) -> None:
    channel = site.world.channels[place]
    runs = list(SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE))
    made = None
    if not runs:
        made = SyncRun.objects.create(
            channel=channel, kind="update", state="running", press=_PRESS, done=IdRanges()
        )
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/channels/{channel.pk}/")
    expect(page.locator("#press progress").first).to_be_visible()
    below = page.locator("#activity")
    before = below.evaluate("part => part.getBoundingClientRect().top + window.scrollY")
    states = {run.pk: run.state for run in runs}
    SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE).update(state="done")
    try:
        expect(page.locator("#press")).to_contain_text("Last sync")
        after = below.evaluate("part => part.getBoundingClientRect().top + window.scrollY")
        assert abs(after - before) < 1
    finally:
        for key, state in states.items():
            SyncRun.objects.filter(pk=key).update(state=state)
        if made:
            made.delete()
