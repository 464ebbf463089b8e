"""Files as a person meets them: a policy with its preview, the gallery, one picture over it, and a
page with a script, which does not run.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_job import LONG, open_channel
from tests.browser.test_reading import TITLE, sync

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_a_policy_is_previewed_saved_and_its_files_are_looked_at(demo: Demo, page: Page) -> None:
    demo.world("freeze")
    sync(page)
    open_channel(page, TITLE)
    page.get_by_role("link", name="Downloads", exact=True).click()
    page.get_by_label("The files themselves").check()
    page.get_by_label("Photo", exact=True).check()
    page.get_by_role("button", name="What would it download?").click()
    said = page.locator("#estimate")
    expect(said).to_contain_text("This would download about")
    count = int(re.sub(r"\D", "", said.inner_text().split("about")[1].split("file")[0]))
    assert count > 20
    page.get_by_role("button", name="Save the policy").click()
    live = page.locator("#live")
    # Files come last: whatever else the account does goes first.
    expect(live).to_contain_text(re.compile(r"[1-9]\d* of"), timeout=150_000)

    page.get_by_role("link", name="Open the gallery").click()
    here = page.locator(".tile:has(.have)")
    expect(here.first).to_be_visible(timeout=LONG)
    tiles = page.locator(".tile").count()
    page.locator(".tile").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement === document.querySelectorAll('.tile')[1]")
    here.first.click()
    box = page.locator("#box")
    expect(box).to_be_visible()
    picture = box.locator("img.whole")
    expect(picture).to_be_visible()
    assert picture.evaluate("e => e.decode().then(() => e.naturalWidth > 0)")
    first = box.locator("h1").inner_text()
    page.keyboard.press("ArrowRight")
    expect(box.locator("h1")).not_to_have_text(first)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.keyboard.press("End")
    page.mouse.wheel(0, 20_000)
    expect(page.locator(".tile")).not_to_have_count(tiles, timeout=LONG)

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download all as zip").click()
    assert waiting.value.suggested_filename == "files.zip"
