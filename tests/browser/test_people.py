"""A second person comes, works, speaks another language, and goes: as people do it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Demo, profile

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LENA = "ferry at dawn"


@pytest.fixture
def another(demo: Demo, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a maker of other people's browsers."""
    with ExitStack() as open_ones:
        yield lambda **options: open_ones.enter_context(
            profile(browser, demo.address, locale="en-GB", **options)
        )


def invite(page: Page, role: str) -> str:
    page.goto("/settings/people/")
    page.get_by_label("For whom").fill("Lena")
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Invite link").input_value()
    page.reload()
    expect(page.get_by_label("Invite link")).to_have_count(0)
    expect(page.get_by_text("Lena", exact=True).first).to_be_visible()
    return link


def test_a_second_person_from_the_link_to_signing_out(
    page: Page, another: Callable[..., BrowserContext]
) -> None:
    link = invite(page, "Analyst")

    lena = another().new_page()
    lena.goto(link)
    expect(lena.get_by_text("Your role: Analyst.")).to_be_visible()
    lena.get_by_label("User name").fill("lena")
    lena.get_by_label("Password", exact=True).fill(LENA)
    lena.get_by_label("The password again").fill(LENA)
    lena.get_by_role("button", name="Make my account and join").click()
    expect(lena.get_by_role("status")).to_contain_text("Your role: Analyst.")
    _sees_no_forbidden_button(lena)

    # The link was good for one.
    nobody = another(status=410).new_page()
    nobody.goto(link)
    expect(nobody.get_by_role("heading", name="This link was used already")).to_be_visible()

    _speaks_russian(lena)
    _signs_out_everywhere(lena, another())

    page.goto("/settings/people/")
    page.get_by_role("link", name="Remove lena").click()
    page.get_by_role("button", name="Remove from the workspace").click()
    expect(page.get_by_role("status")).to_contain_text("lena no longer belongs to")
    page.goto("/settings/log/")
    expect(page.get_by_text("Removed lena from the workspace")).to_be_visible()


def _sees_no_forbidden_button(lena: Page) -> None:
    for address in ("/", "/channels/", "/channels/1/", "/runs/", "/accounts/", "/settings/people/"):
        lena.goto(address)
        for word in ("Add channel", "Connect account", "Invite somebody", "Remove", "Save"):
            expect(lena.get_by_role("link", name=word, exact=True)).to_have_count(0)
            expect(lena.get_by_role("button", name=word, exact=True)).to_have_count(0)
    lena.goto("/channels/1/")
    expect(lena.get_by_role("button", name="Sync now")).to_be_visible()
    answer = lena.request.get("/settings/log/")
    assert answer.status == 403


def _speaks_russian(lena: Page) -> None:
    lena.goto("/")
    lena.get_by_label("lena, your menu").click()
    lena.get_by_role("link", name="Profile").click()
    lena.get_by_label("Language").select_option(label="Русский")
    lena.get_by_label("Time zone").fill("Asia/Tokyo")
    lena.locator("main form button.primary").click()
    expect(lena.locator("html")).to_have_attribute("lang", "ru")
    expect(lena.get_by_text("JST")).to_be_visible()
    lena.goto("/channels/")
    expect(lena.locator("html")).to_have_attribute("lang", "ru")
    expect(lena.get_by_role("link", name="Каналы").first).to_be_visible()


def _signs_out_everywhere(lena: Page, other: BrowserContext) -> None:
    phone = other.new_page()
    phone.goto("/login/")
    phone.get_by_label("User name").fill("lena")
    phone.get_by_label("Password").fill(LENA)
    phone.get_by_role("button", name="Sign in").click()
    phone.wait_for_url("**/")
    lena.goto("/profile/sessions/")
    expect(lena.locator(".list > li")).to_have_count(2)
    lena.locator("main header form button").click()
    lena.wait_for_url("**/login/")
    phone.goto("/runs/")
    assert phone.url.split("?")[0].endswith("/login/")


def test_the_list_of_first_steps_leads_to_the_next_and_is_closed(page: Page) -> None:
    page.goto("/")
    steps = page.get_by_role("region", name="First steps")
    expect(steps).to_contain_text("Invite a second person")
    steps.get_by_role("link", name="Invite", exact=True).click()
    page.wait_for_url("**/settings/people/")
    page.goto("/")
    steps.get_by_role("button", name="Close the list").click()
    expect(steps).to_have_count(0)


def test_a_language_is_chosen_at_the_door(another: Callable[..., BrowserContext]) -> None:
    page = another().new_page()
    page.goto("/login/")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
