"""The pictures in the documentation, of the product as it is now.

`manage.py test -m browser tests/browser/test_screenshots.py --screenshots docs/screenshots`
takes them anew; without that option they are taken all the same, and thrown away.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LONG = 60_000
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


def shoot(page: Page, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    assert path.stat().st_size > 50_000, "a page with something on it"


def test_the_pictures_of_the_documentation(demo: Demo, page: Page, folder: Path) -> None:
    for title in reversed(SYNCED):
        press_sync(page, title)
    for title in SYNCED:
        page.goto("/channels/")
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)
    page.goto("/channels/")
    page.get_by_role("link", name=SYNCED[0], exact=True).click()
    shoot(page, folder / "channel.png")
    demo.world("pace", delay=0.15)
    try:
        press_sync(page, RUNNING)
        expect(page.locator(".pct")).to_have_text(re.compile(r"[4-9]\d"), timeout=LONG)
        page.goto("/")
        expect(page.get_by_role("heading", name="Running now")).to_be_visible()
        shoot(page, folder / "dashboard.png")
    finally:
        demo.world("pace", delay=0.0)
