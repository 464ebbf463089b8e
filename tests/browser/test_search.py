"""Searching by keyboard: suggestions, filters written in the box, mistakes, facets, a search that is kept."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import profile
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """Signed in as an analyst; no complaint of the browser is let through."""
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("analyst"))
        yield context.new_page()


def test_a_search_without_a_mouse(page: Page, site: Site) -> None:
    first = site.world.channels[0]
    page.goto("/messages/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Words to find, and filters")
    expect(box).to_be_focused()
    # A token, then its value, from what is offered.
    page.keyboard.type("ch")
    options = page.get_by_role("option")
    expect(options).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "q-option-0")
    page.keyboard.press("Enter")
    expect(box).to_have_value("channel:")
    expect(options.first).to_be_visible()
    page.keyboard.type(f"@{first.username}")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(box).to_have_value(f"channel:@{first.username} ")
    # Esc closes what is offered, and leaves what was typed.
    page.keyboard.type("has:")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_be_focused()
    page.keyboard.type("photo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/messages/?channel={first.pk}&kind=photo")
    chips = page.locator(".query .chip")
    expect(chips).to_have_count(2)
    page.get_by_role("link", name="Remove the filter Kind: Photo").press("Enter")
    page.wait_for_url(f"**/messages/?channel={first.pk}")


def test_a_mistake_is_shown_where_it_is(page: Page) -> None:
    page.goto("/messages/")
    page.get_by_role("combobox", name="Words to find, and filters").fill("ferry has:tea")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#q-wrong mark")).to_have_text("has:tea")
    box = page.get_by_role("combobox", name="Words to find, and filters")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_value("ferry has:tea")


def test_facets_and_a_search_that_is_kept(page: Page) -> None:
    page.goto("/messages/?has=media")
    facet = page.get_by_role("navigation", name="Where the results lie").get_by_role("link").first
    facet.press("Enter")
    page.wait_for_url("**channel=**")
    page.locator("summary", has_text="Saved searches").press("Enter")
    page.get_by_label("Save this search as").fill("Media of one")
    page.get_by_label("Save this search as").press("Enter")
    expect(page.get_by_text("“Media of one” is saved.")).to_be_visible()
    page.get_by_role("link", name="Saved", exact=True).click()
    page.get_by_role("link", name="Media of one").click()
    page.wait_for_url("**channel=**has=media**")


def test_all_of_it_works_without_scripts(site: Site, browser: Browser) -> None:
    with profile(browser, site.address, java_script_enabled=False) as context:
        context.add_cookies(site.cookies("viewer"))
        page = context.new_page()
        page.goto("/messages/")
        page.get_by_label("Words to find, and filters").fill("kind:photo")
        page.get_by_role("button", name="Search", exact=True).click()
        page.wait_for_url("**/messages/?kind=photo")
        page.locator("summary", has_text="Filters").click()
        page.get_by_label("At least").fill("1")
        page.get_by_role("button", name="Show these").click()
        page.wait_for_url("**kind=photo&views_min=1**")
