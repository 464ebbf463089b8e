"""A person looks at a live channel while something is posted there."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_job import LONG, open_channel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TITLE = "Киноклуб «Сеанс»"
NAME = "@kinoklub_seans"


def test_what_is_posted_is_announced_without_moving_the_page(demo: Demo, page: Page) -> None:
    demo.world("freeze")
    open_channel(page, TITLE)
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)
    page.locator("#settings").get_by_role("button", name="Live", exact=True).click()
    channel = page.url.partition("#")[0]
    following = page.locator(".following .badge")
    for _ in range(10):  # the listener finds it, and reads where it stands
        page.goto(channel)
        if following.count() and following.inner_text() == "Live":
            break
        page.wait_for_timeout(1000)
    expect(following).to_have_text("Live", timeout=LONG)

    before = page.locator("h2").first.bounding_box()
    demo.world("post", channel=NAME, text="Премьера сегодня")
    news = page.get_by_role("link", name="1 new message")
    expect(news).to_be_visible(timeout=10_000)
    assert page.locator("h2").first.bounding_box() == before

    news.click()
    page.wait_for_url(re.compile(r"/messages/\?channel=\d+$"))
    expect(page.get_by_text("Премьера сегодня").first).to_be_visible()

    # Nobody asks for what nobody sees.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    page.wait_for_timeout(4_500)
    assert not [url for url in asked if "/news/" in url]
