"""What an export will be is said where it is asked for, with scripts and without."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import profile
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("owner"))
        yield context.new_page()


def test_a_channels_page_says_it_beside_the_button_and_follows_the_choice(
    site: Site, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/exports/new/" in one.url else None)
    page.goto(f"/channels/{site.world.channel.pk}/")
    cost = page.locator("#exports #cost")
    expect(cost).to_be_empty()
    assert asked == [], "nothing is asked for that nobody looks at"
    height = cost.evaluate("e => e.getBoundingClientRect().height")
    cost.scroll_into_view_if_needed()
    expect(cost).to_contain_text("Size")
    expect(cost).to_contain_text("Time")
    assert cost.evaluate("e => e.getBoundingClientRect().height") == height
    csv = cost.inner_text()
    page.locator("#exports").get_by_text("JSON Lines", exact=True).first.click()
    expect(cost).not_to_have_text(csv)
    assert not any("csrf" in address for address in asked)


def test_the_form_follows_the_choice_and_needs_no_button_for_it(site: Site, page: Page) -> None:
    page.goto(f"/exports/new/?channel={site.world.channel.pk}")
    expect(page.get_by_role("button", name="Estimate")).to_be_hidden()
    cost = page.locator("#cost")
    expect(cost).not_to_contain_text("Media in it")
    page.get_by_label("with media").check()
    expect(cost).to_contain_text("1 file")
    expect(page.locator("#cost")).to_have_count(1)


def test_without_scripts_a_button_estimates_what_was_chosen(site: Site, browser: Browser) -> None:
    with profile(browser, site.address, java_script_enabled=False) as context:
        context.add_cookies(site.cookies("owner"))
        page = context.new_page()
        page.goto(f"/exports/new/?channel={site.world.channel.pk}")
        page.get_by_label("with media").check()
        page.get_by_text("JSON Lines", exact=True).first.click()
        page.get_by_role("button", name="Estimate").click()
        page.wait_for_url("**/exports/new/?channel=*")
        assert "csrf" not in page.url
        expect(page.get_by_label("with media")).to_be_checked()
        expect(page.locator("input[name=format][value=jsonl]")).to_be_checked()
        expect(page.locator("#cost")).to_contain_text("1 file")
