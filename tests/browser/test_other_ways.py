"""Other ways in: an export that is uploaded, a channel that is read from the web."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, profile, sign_in
from tests.ingestion.sources.desktop.writer import chat, message
from tests.ingestion.sources.web_preview.site import Site, serving
from tests.tgadmin.running import Up, wait_for_none

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
LONG = 60_000


@pytest.fixture(scope="module")
def web() -> Iterator[Site]:
    """A t.me of this machine."""
    with serving() as site:
        shown = site.show("the_preview")
        shown.write(*range(1, 46))
        shown.write(44, html="A <b>bold</b> word from the web")
        yield site


@pytest.fixture(scope="module")
def installation(web: Site) -> Iterator[Up]:
    """One of its own, without any account."""
    with tempfile.TemporaryDirectory(prefix="ways ", dir="/tmp") as folder:
        up = Up(
            Path(folder) / "data",
            TGADMIN_ADMIN_PASSWORD=PASSWORD,
            WEB_PREVIEW_URL=web.url,
            WEB_PREVIEW_INTERVAL="0.1",
            TGADMIN_OUTBOUND_PRIVATE="1",
        )
        try:
            yield up.wait_until_ready()
        finally:
            up.end()
            wait_for_none(up.data, seconds=10)


@pytest.fixture
def page(installation: Up, browser: Browser) -> Iterator[Page]:
    with profile(browser, f"http://127.0.0.1:{installation.port}") as context:
        page = context.new_page()
        sign_in(page)
        yield page


def test_an_export_is_uploaded_looked_at_and_imported(page: Page, tmp_path: Path) -> None:
    export = tmp_path / "result.json"
    # More than one piece.
    rows = [message(number, text=f"Imported {number} " + "x" * 2_000) for number in range(1, 3_001)]
    export.write_text(json.dumps(chat(rows)))
    page.goto("/")
    page.get_by_role("link", name="Import a file").click()
    page.get_by_label("File", exact=True).set_input_files(export)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_text("This is what would come.")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("cell", name="3,000").first).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Imported.", exact=True)).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="The Channel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Channel")
    page.goto("/messages/")
    expect(page.get_by_text("Imported 3000").first).to_be_visible()


def test_a_channel_is_read_from_the_web_without_an_account(page: Page) -> None:
    page.goto("/channels/add/")
    page.get_by_label("Public channels").fill("@the_preview")
    page.get_by_role("button", name="Read them from the web").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Preview", timeout=LONG)
    page.goto("/messages/?q=bold")
    expect(page.get_by_text("word from the web").first).to_be_visible(timeout=LONG)
