"""Connecting an account by QR code, as a person with a phone does it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard import qr
from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def guarded(demo: Demo) -> dict[str, Any]:
    """Somebody with a two-step password, who is not connected yet."""
    people = demo.world("status")["accounts"]
    return next(one for one in people if one["password"] and not one["sessions"])


def test_from_the_form_to_connected_and_away_again(page: Page, demo: Demo) -> None:
    person = guarded(demo)
    app = demo.world("status")["apps"][0]
    page.goto("/accounts/connect/")
    page.get_by_label("api_id", exact=True).fill(str(app["api_id"]))
    page.get_by_label("api_hash", exact=True).fill(app["api_hash"])
    page.get_by_label("Name it").fill("Scanned")
    page.get_by_role("button", name="Log in by QR code").click()

    code = page.get_by_role("img", name="QR code to be scanned")
    expect(code).to_be_visible(timeout=20_000)
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    # A camera sees the address that Telegram waits for.
    (url,) = demo.world("login_tokens")["urls"]
    image = page.request.get(str(code.get_attribute("src")))
    assert image.body() == qr.svg(url)

    demo.world("accept_login_token", phone=person["phone"], url=url)
    expect(page.get_by_role("heading", name="Two-step password")).to_be_visible(timeout=15_000)
    page.get_by_role("textbox", name="Two-step password").fill(person["password"])
    page.get_by_role("button", name="Sign in").click()
    connected = page.locator(".hero").get_by_text("Connected", exact=True)
    expect(connected).to_be_visible(timeout=15_000)
    expect(page.get_by_text(f"+{person['phone']}")).to_be_visible()

    page.get_by_role("link", name="Disconnect").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disconnect Scanned?")
    expect(page.get_by_text("Everything archived is kept.")).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Its session was ended.")).to_be_visible(timeout=15_000)
    assert not next(
        one["sessions"]
        for one in demo.world("status")["accounts"]
        if one["phone"] == person["phone"]
    )

    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("Everything archived is kept.")).to_be_visible()
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_role("status")).to_contain_text("Scanned was deleted")
    expect(page.get_by_role("main").get_by_role("link", name="Scanned")).to_have_count(0)
