"""What the export form makes, downloaded by a browser and opened by programs that did not write it."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import duckdb
import openpyxl
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from archive.exports.work import run_export
from archive.models import Export
from ingestion.models import Message, MessageStats
from tests.browser.conftest import profile
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ATOM = {"a": "http://www.w3.org/2005/Atom"}
TEXT = "=1+1 is no formula, <b>this</b> is no tag & “that” is 日本語 🎉"


class Row(NamedTuple):
    """What is compared of a message."""

    message_id: int
    text: str
    #: To the second: a workbook has no more.
    posted: int
    views: int | None


@pytest.fixture(scope="module")
def truth(site: Site) -> list[Row]:
    """The rows of a channel, the newest of which has a text that is easily spoilt."""
    message = site.world.message
    Message.objects.filter(channel=message.channel, message_id=message.message_id).update(text=TEXT)
    counted = MessageStats.objects.filter(channel=message.channel)
    views = dict(counted.values_list("message_id", "views"))
    rows = Message.objects.filter(channel=message.channel).order_by("message_id")
    return [
        Row(row.message_id, row.text, int(row.date.timestamp()), views[row.message_id])
        for row in rows
    ]


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("analyst"))
        yield context.new_page()


def downloaded(
    site: Site, page: Page, label: str, folder: Path, *, with_media: bool = False
) -> Path:
    """Press the form, be the worker, take the file."""
    page.goto(f"/exports/new/?channel={site.world.channel.pk}")
    page.get_by_role("radio", name=label).check()
    page.get_by_label("with media").set_checked(with_media)
    page.get_by_role("button", name="Export", exact=True).click()
    page.wait_for_url("**/exports/")
    export = Export.objects.latest("pk")
    run_export(export.pk)
    page.reload()
    row = page.locator("tbody tr").first
    expect(row.get_by_role("rowheader")).to_have_text(label)
    expect(row.get_by_text("Ready")).to_be_visible()
    with page.expect_download() as waiting:
        row.get_by_role("link", name="Download").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_parquet_is_read_by_duckdb(
    site: Site, page: Page, truth: list[Row], tmp_path: Path
) -> None:
    path = downloaded(site, page, "Parquet", tmp_path)
    columns = "message_id, text, epoch_us(date) // 1000000, views"
    found = duckdb.execute(f"SELECT {columns} FROM '{path}' ORDER BY message_id").fetchall()
    assert [Row(*row) for row in found] == truth


def test_a_workbook_is_read_by_openpyxl(
    site: Site, page: Page, truth: list[Row], tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(downloaded(site, page, "Excel", tmp_path), read_only=True)
    header, *lines = book["messages"].iter_rows(values_only=True)
    found = [dict(zip(header, line, strict=True)) for line in lines]
    for row, known in zip(found, truth, strict=True):
        moment = row["date"]
        assert isinstance(moment, datetime)
        posted = moment.replace(tzinfo=UTC).timestamp()
        assert posted == pytest.approx(known.posted, abs=1)
        assert (row["message_id"], row["text"], row["views"]) == (
            known.message_id,
            known.text,
            known.views,
        )


def test_html_is_read_by_a_browser_without_a_network(
    site: Site, page: Page, browser: Browser, truth: list[Row], tmp_path: Path
) -> None:
    path = downloaded(site, page, "HTML", tmp_path, with_media=True)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "copy")
    asked: list[str] = []

    def hear(request: Request) -> None:
        asked.append(request.url)

    with profile(browser, "", offline=True) as context:
        context.on("request", hear)
        reader = context.new_page()
        reader.goto((tmp_path / "copy" / "index.html").as_uri())
        reader.get_by_role("link", name=site.world.channel.title).click()
        expect(reader.get_by_role("heading", level=1)).to_have_text(site.world.channel.title)
        reader.get_by_role("main").get_by_role("link").last.click()
        expect(reader.locator(f"#m{truth[-1].message_id}")).to_contain_text(TEXT)
        picture = reader.locator(f"#m{site.world.medium.message_id} img")
        picture.scroll_into_view_if_needed()
        assert picture.evaluate(
            "e => e.decode().then(() => [e.naturalWidth, e.naturalHeight])"
        ) == [
            640,
            480,
        ]
    assert asked
    assert all(address.startswith("file://") for address in asked)


def test_a_feed_is_read_without_a_login(
    site: Site, page: Page, browser: Browser, truth: list[Row]
) -> None:
    page.goto(f"/exports/feeds/?channel={site.world.channel.pk}")
    page.get_by_label("Name", exact=True).fill("Harbour")
    page.get_by_role("button", name="Make the feed").click()
    addresses = {
        kind: page.get_by_label(kind, exact=True).input_value() for kind in ("Atom", "RSS")
    }
    with profile(browser, site.address) as context:
        answers = {kind: context.request.get(address) for kind, address in addresses.items()}
        assert {answer.status for answer in answers.values()} == {200}
        texts = {kind: answer.text() for kind, answer in answers.items()}
    here = Message.objects.filter(channel=site.world.channel, deleted_at=None)
    newest = [row.message_id for row in here.order_by("-date", "-message_id")[:50]]

    atom = ET.fromstring(texts["Atom"])
    entries = atom.findall("a:entry", ATOM)
    links = [link.get("href", "") for entry in entries for link in entry.findall("a:link", ATOM)]
    assert [int(link.rsplit("/", 1)[1]) for link in links] == newest
    # What RFC 4287 asks of each.
    for one in (atom, *entries):
        assert all(
            one.findtext(f"a:{name}", namespaces=ATOM) for name in ("id", "title", "updated")
        )
    assert TEXT in entries[0].findtext("a:title", namespaces=ATOM, default="")

    items = ET.fromstring(texts["RSS"]).findall("channel/item")
    assert [int(item.findtext("link", "").rsplit("/", 1)[1]) for item in items] == newest
    assert TEXT in items[0].findtext("title", "")
