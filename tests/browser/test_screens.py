"""What holds for the screens together: they need no mouse, they keep their theme, they need no script.

What holds for each page alone is in `test_pages.py`.
"""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, profile, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def test_keys(page: Page) -> None:
    page.goto("/channels/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search messages")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search messages")).not_to_be_focused()
    page.get_by_label("Appearance").first.click()
    expect(page.get_by_role("button", name="Dark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()


_GROUND = "getComputedStyle(document.body).backgroundColor"


def _choose(page: Page, look: str) -> None:
    """Switch, and wait until the server knows."""
    page.get_by_label("Appearance").first.click()
    with page.expect_response("**/appearance/") as told:
        page.get_by_role("button", name=look).click()
    assert told.value.status == 302


def test_the_theme_is_switched_at_once_and_kept(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    light = page.evaluate(_GROUND)
    page.evaluate("window.stays = true")
    _choose(page, "Dark")
    dark = page.evaluate(_GROUND)
    assert dark != light
    assert page.evaluate("window.stays"), "the page was loaded again"
    page.goto("/runs/")
    assert page.evaluate(_GROUND) == dark
    _choose(page, "System")
    assert page.evaluate(_GROUND) == light
    page.goto("/runs/")
    assert page.evaluate(_GROUND) == light


def test_the_theme_is_chosen_without_scripts(demo: Demo, browser: Browser) -> None:
    with profile(browser, demo.address, java_script_enabled=False, color_scheme="light") as context:
        page = context.new_page()
        page.goto("/login/")
        page.get_by_label("Appearance").first.click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page).to_have_url(demo.address + "/login/")
        sign_in(page)
        page.goto("/profile/")
        looks = page.get_by_role("region", name="Appearance")
        looks.get_by_role("button", name="Light").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        expect(looks.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
        looks.get_by_role("button", name="System").click()
        expect(page.locator("html")).not_to_have_attribute("data-theme", "light")


def test_everything_but_live_refresh_works_without_scripts(demo: Demo, browser: Browser) -> None:
    with profile(browser, demo.address, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page)
        page.goto("/channels/")
        page.get_by_role("link", name="Slow Photographs", exact=True).click()
        page.get_by_role("button", name="Sync now").click()
        # The one account may be held by a run of another channel first.
        for _ in range(360):
            page.reload()
            if page.locator(".pct").inner_text() == "100%":
                break
            page.wait_for_timeout(250)
        expect(page.locator(".pct")).to_have_text("100%")
        page.locator("#minutes").fill("30")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("every 30 minutes")
        page.locator("#minutes").fill("")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("off")
        page.get_by_role("link", name="Read", exact=True).click()
        page.get_by_role("link", name="Older").click()
        expect(page.get_by_role("link", name="Newer")).to_be_visible()


def test_a_wrong_address_says_what_to_do(demo: Demo, browser: Browser) -> None:
    with profile(browser, demo.address) as context:
        page = context.new_page()
        answer = page.goto("/nothing/here/")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("link", name="Go to the dashboard")).to_be_visible()
