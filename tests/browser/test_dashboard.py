"""The dashboard's charts as a person uses them: ranges, zoom, drill down, comparing."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TITLES = ("Harbor Daily", "Harbor Talk")


@pytest.fixture
def synced(page: Page, demo: Demo) -> Page:
    """Two channels with everything they ever posted, and nothing that still runs."""
    for title in TITLES:
        page.goto("/channels/")
        page.get_by_role("link", name=title, exact=True).click()
        if page.locator(".pct").first.inner_text() != "100%":
            page.get_by_role("button", name="Sync now").first.click()
            expect(page.locator(".pct").first).to_have_text("100%", timeout=60_000)
    page.goto("/")
    return page


def canvas(page: Page) -> Locator:
    page.locator(".plot-at").hover()  # what answers the pointer comes with it
    drawn = page.locator("figure.plot .u-over")
    expect(drawn).to_be_visible()
    return drawn


def at(drawn: Locator, x: float, y: float = 0.95) -> tuple[float, float]:
    """A place in a chart, by share of its width and height."""
    box = drawn.bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_ranges_stand_in_the_address(synced: Page) -> None:
    for name, heading in (("24h", "per hour"), ("90d", "per day"), ("1y", "per week")):
        synced.get_by_role("navigation", name="Time range").get_by_role("link", name=name).click()
        expect(synced).to_have_url(re.compile(rf"range={name}$"))
        expect(synced.get_by_role("heading", name=f"Messages {heading}")).to_be_visible()
    synced.get_by_text("Custom", exact=True).click()
    synced.get_by_label("From", exact=True).fill("2026-01-01")
    synced.get_by_label("To", exact=True).fill("2026-01-31")
    synced.get_by_role("button", name="Show").click()
    expect(synced).to_have_url(re.compile(r"range=custom&from=2026-01-01&to=2026-01-31"))


def test_pointing_at_a_bar_tells_its_numbers(synced: Page) -> None:
    synced.goto("/?range=all")
    synced.mouse.move(*at(canvas(synced), 0.5))
    tip = synced.locator(".plot-tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Harbor")
    synced.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_dragging_zooms_and_a_click_leads_to_the_messages(synced: Page) -> None:
    synced.goto("/?range=all")
    drawn = canvas(synced)
    synced.mouse.move(*at(drawn, 0.3))
    synced.mouse.down()
    synced.mouse.move(*at(drawn, 0.45))
    synced.mouse.move(*at(drawn, 0.6))
    synced.mouse.up()
    expect(synced).to_have_url(re.compile(r"/\?range=custom&from=\d{4}-\d\d-\d\d&to=\d{4}"))
    synced.mouse.click(*at(canvas(synced), 0.5, 0.98))
    expect(synced).to_have_url(re.compile(r"/messages/\?channel=\d+&from=[\d-]+&to=[\d-]+$"))
    expect(synced.locator("main a[href^='/channels/'][href*='/messages/']").first).to_be_visible()


def test_the_table_says_the_same_to_the_keyboard(synced: Page) -> None:
    synced.goto("/?range=all")
    summary = synced.get_by_text("As a table")
    summary.focus()
    synced.keyboard.press("Enter")
    link = synced.locator(".plot-rows a").first
    expect(link).to_be_visible()
    link.focus()
    synced.keyboard.press("Enter")
    expect(synced).to_have_url(re.compile(r"/messages/\?from="))


def test_the_chart_follows_the_theme(synced: Page) -> None:
    synced.goto("/?range=all")
    synced.emulate_media(color_scheme="light")
    canvas(synced)
    pixels = "document.querySelector('.plot canvas').toDataURL()"
    light = synced.evaluate(pixels)
    synced.emulate_media(color_scheme="dark")
    synced.wait_for_function(f"before => {pixels} !== before", arg=light)


def test_nothing_moves_while_parts_refresh(synced: Page) -> None:
    synced.goto("/")
    canvas(synced)
    synced.evaluate(
        """() => { window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(
            entry => { window.moved += entry.value })).observe({type: "layout-shift"}) }"""
    )
    for _ in range(2):
        with synced.expect_response(re.compile(r"/live/")):
            synced.evaluate(
                "htmx.trigger('#live', 'htmx:abort'); htmx.ajax('GET', "
                "document.getElementById('live').getAttribute('hx-get'), "
                "{target: '#live', swap: 'outerHTML'})"
            )
        expect(synced.locator("#live")).to_have_count(1)
        expect(synced.locator("figure.plot .u-over")).to_have_count(1)
    assert synced.evaluate("window.moved") == 0


def test_two_channels_are_compared(synced: Page) -> None:
    synced.goto("/?range=1y")
    synced.get_by_role("link", name="Compare channels").click()
    expect(synced.get_by_text("Choose two channels or more")).to_be_visible()
    for title in TITLES:
        synced.get_by_label(title, exact=True).check()
    synced.get_by_label("What").select_option("views")
    synced.get_by_label("per post").check()
    synced.get_by_role("button", name="Compare").click()
    expect(synced.get_by_role("heading", name="Views per post")).to_be_visible()
    expect(synced).to_have_url(
        re.compile(r"channel=\d+&channel=\d+&metric=views&per=post&range=1y")
    )
    synced.mouse.move(*at(canvas(synced), 0.7, 0.5))
    expect(synced.locator(".plot-tip")).to_contain_text(TITLES[0])
    expect(synced.get_by_role("table").last).to_contain_text(TITLES[1])
