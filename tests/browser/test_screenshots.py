"""The pictures in the documentation, of the product as it is now.

`manage.py test -m browser tests/browser/test_screenshots.py --screenshots docs/screenshots`
takes them anew; without that option they are taken all the same, and thrown away.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

LONG = 120_000
#: Synced before the pictures are taken; the first has an early history that is hidden.
SYNCED = (
    "Ciclistas de Lisboa",
    "Новости Севера",
    "東京グルメ日記",
    "Harbor Talk",
    "Infra Notes 🛠",
    "أخبار الساحل",
    "Киноклуб «Сеанс»",
    "Quayside Chess Club",
)
#: Still running when they are.
RUNNING = "上海科技早报"


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(request.config.getoption("--screenshots") or tmp_path)


def press_sync(page: Page, title: str) -> None:
    page.goto("/channels/")
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#press progress").first).to_be_visible()


def shoot(page: Page, folder: Path, name: str, address: str) -> None:
    """The page in light and in dark."""
    page.goto(address)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        path = folder / f"{name}-{scheme}.png"
        page.screenshot(path=path)
        assert 20_000 < path.stat().st_size < 400_000, f"{name}: something on it, and not too much"


def addresses(page: Page) -> dict[str, str]:
    """Pages that stay as they are while others run, by the names of their pictures."""
    channel = address_of(page, "/channels/", SYNCED[0])
    page.goto("/runs/")
    run = page.locator("main table a.link[href^='/runs/']").first.get_attribute("href") or ""
    page.goto("/messages/?media=photo")
    message = page.locator("main a.mono[href*='/messages/']").first.get_attribute("href") or ""
    page.goto("/accounts/")
    account = page.locator("main a[href^='/accounts/1']").first.get_attribute("href") or ""
    return {
        "channel": channel,
        "channels": "/channels/",
        "add": "/channels/add/",
        "messages": "/messages/?q=ferry",
        "message": message,
        "runs": "/runs/",
        "run": run,
        "account": account,
        "exports": "/exports/",
        "settings": "/settings/",
        "status": "/status/",
    }


def address_of(page: Page, listed: str, title: str) -> str:
    page.goto(listed)
    link = page.get_by_role("link", name=title, exact=True).first
    return link.get_attribute("href") or ""


def test_the_pictures_of_the_documentation(demo: Demo, page: Page, folder: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    for title in reversed(SYNCED):
        press_sync(page, title)
    for title in SYNCED:
        page.goto(address_of(page, "/channels/", title))
        expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)
    page.locator("#exports form.toolbar button").click()
    for name, address in addresses(page).items():
        shoot(page, folder, name, address)
    demo.world("pace", delay=0.15)
    try:
        page.goto("/")
        if (steps := page.get_by_role("button", name="Close the list")).is_visible():
            steps.click()
        press_sync(page, RUNNING)
        expect(page.locator(".pct")).to_have_text(re.compile(r"[4-9]\d"), timeout=LONG)
        shoot(page, folder, "dashboard", "/")
        expect(page.get_by_role("heading", name="Running now")).to_be_visible()
    finally:
        demo.world("pace", delay=0.0)
