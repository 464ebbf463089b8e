"""What people do besides reading: look after runs and the server, change settings, begin."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ingestion.models import RunEvent, SyncRun
from tests.browser.conftest import profile
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("owner"))
        yield context.new_page()


def test_a_run_that_failed_is_found_read_and_pressed_again(site: Site, page: Page) -> None:
    failed = SyncRun.objects.get(state="failed")
    assert failed.started_at
    assert failed.ended_at
    RunEvent.objects.create(
        run=failed,
        kind="flood_wait",
        at=failed.started_at,
        began_at=failed.started_at,
        until=failed.ended_at,
        text="Telegram asked for it.",
    )
    RunEvent.objects.create(run=failed, kind="ended", at=failed.ended_at, text=failed.error)
    page.goto("/runs/")
    page.get_by_role("navigation", name="State").get_by_role("link", name="Failed").click()
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Kind", exact=True).select_option(label="Update")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("state=failed.*kind=update"))
    page.locator("main table th").get_by_role("link", name=f"Update {failed.pk}").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Update of")
    story = page.locator("ol.story")
    expect(story).to_contain_text("then waited for 1 min")
    expect(story).to_contain_text("Join it again with the account")
    page.get_by_role("button", name="Retry").click()
    expect(page).not_to_have_url(re.compile(f"/runs/{failed.pk}/"))
    expect(page.locator("#live header .badge").first).to_have_text("Queued")


def test_the_servers_state_is_read_without_a_mouse(page: Page) -> None:
    page.goto("/")
    menu = page.locator("summary.who")
    menu.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="System status")
    for _ in range(4):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("System status")
    main = page.get_by_role("main")
    for words in ("Last backup", "never", "Syncing", "worker-1", "PostgreSQL", "Valkey", "Python"):
        expect(main.get_by_text(words).first).to_be_visible()
    # What the doctor finds is told with what to do.
    finding = main.locator(".findings > li").first
    expect(finding.locator("p")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_a_workspace_is_named_anew_and_its_defaults_are_the_next_channels(
    site: Site, page: Page
) -> None:
    page.goto("/settings/")
    page.get_by_label("Name", exact=True).fill("Harbour desk")
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.locator("input[name=default_sync_minutes]").fill("60")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".wsm").first).to_contain_text("Harbour desk")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    page.goto(f"/channels/add/{site.world.adding.pk}/")
    expect(page.get_by_label("Sync by itself")).to_have_value("60")


def test_a_password_is_changed_and_one_that_is_forgotten_is_asked_for(
    site: Site, browser: Browser
) -> None:
    with profile(browser, site.address) as context:
        page = context.new_page()

        def sign_in(word: str) -> None:
            page.get_by_label("User name").fill("analyst")
            page.get_by_label("Password").fill(word)
            page.get_by_role("button", name="Sign in").click()

        # Nothing can be sent from here: door and page say who helps.
        for address in ("/login/", "/password/"):
            page.goto(address)
            expect(page.get_by_role("main")).to_contain_text("manage.py changepassword NAME")
            expect(page.get_by_role("button", name="Send me the link")).to_have_count(0)
        page.goto("/profile/password/")
        sign_in("pass-analyst")
        page.wait_for_url("**/profile/password/")
        page.locator("input[name=old_password]").fill("pass-analyst")
        page.locator("input[name=new_password1]").fill("ferry at dawn")
        page.locator("input[name=new_password2]").fill("ferry at dawn")
        page.locator("main form button.primary").click()
        expect(page.get_by_role("status").first).to_contain_text("password")
        page.goto("/profile/")
        page.get_by_label("analyst, your menu").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login/**")
        sign_in("ferry at dawn")
        page.wait_for_url("**/")


def test_who_begins_is_led_to_telegram_and_told_of_the_demo(site: Site, browser: Browser) -> None:
    with profile(browser, site.address, 422) as context:
        context.add_cookies(site.cookies("stranger"))
        page = context.new_page()
        page.goto("/")
        demo = page.get_by_role("region", name="Explore the demo")
        expect(demo.get_by_text("python3 manage.py up --demo --port 8001")).to_be_visible()
        connect = page.get_by_role("region", name="Connect Telegram")
        expect(connect.get_by_role("link", name="my.telegram.org/apps")).to_be_visible()
        connect.get_by_role("link", name="Connect an account").click()
        expect(page.get_by_label("Phone number")).to_be_visible()
        page.get_by_role("button", name="Send me the code").click()
        # What is missing is told beside its field, before anybody is asked.
        expect(page.get_by_label("Phone number")).to_have_attribute("aria-invalid", "true")
