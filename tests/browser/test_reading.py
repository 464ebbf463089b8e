"""Reading as a person does it: filter, page on, look at one message, take a selection away."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo
from tests.browser.test_main_job import LONG, open_channel

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TITLE = "Киноклуб «Сеанс»"
NAME = "@kinoklub_seans"


def sync(page: Page) -> None:
    open_channel(page, TITLE)
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)


def shown(page: Page) -> list[int]:
    """The ids of the messages on the page."""
    return [int(text[1:].replace(",", "")) for text in page.locator(".who .mono").all_inner_texts()]


def posts(messages: list[dict[str, Any]], *, kind: str) -> list[int]:
    """The ids of posts with such a message, newest first; an album has its first message's."""
    albums: dict[int, list[dict[str, Any]]] = {}
    for message in messages:
        albums.setdefault(message["grouped_id"] or -message["id"], []).append(message)
    ids = [
        [message["id"] for message in album]
        for album in albums.values()
        if any(message["kind"] == kind for message in album)
    ]
    return [min(album) for album in sorted(ids, key=max, reverse=True)]


def test_messages_are_filtered_read_compared_and_taken_away(
    demo: Demo, page: Page, tmp_path: Path
) -> None:
    demo.world("freeze")
    sync(page)
    truth = demo.truth(NAME)
    photos = [message["id"] for message in truth if message["kind"] == "photo"]
    assert len(photos) > 50

    page.goto("/messages/")
    page.locator("summary", has_text="Filters").click()
    page.get_by_role("group", name="Channel").get_by_label(TITLE).check()
    page.get_by_role("group", name="Kind").get_by_label("Photo", exact=True).check()
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url(re.compile(r"/messages/\?channel=\d+&kind=photo$"))
    expect(page.locator(".chip")).to_have_count(2)
    first = shown(page)
    seen = list(first)
    page.get_by_role("link", name="Older", exact=True).click()
    page.wait_for_url(re.compile("kind=photo.*cursor="))
    seen += shown(page)
    assert seen == posts(truth, kind="photo")[: len(seen)]
    assert page.locator(".dense img.thumb").first.evaluate("e => e.complete && e.naturalWidth > 0")
    page.go_back()
    assert shown(page) == first

    page.get_by_role("link", name="Remove the filter Channel").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.go_back()
    page.get_by_role("link", name="Cards").click()
    expect(page.locator("table.dense")).to_have_count(0)
    page.get_by_role("link", name="Table").click()

    page.get_by_role("link", name="Export these").click()
    expect(page.locator("#cost")).to_contain_text(f"{len(photos):,}")
    page.get_by_role("radio", name="JSON Lines").check()
    page.get_by_role("checkbox", name="without senders").check()
    page.get_by_role("button", name="Export", exact=True).click()
    row = page.locator("tr", has_text="without senders").first
    expect(row.get_by_text("Ready")).to_be_visible(timeout=LONG)
    with page.expect_download() as waiting:
        row.get_by_role("link", name="Download").click()
    file = tmp_path / "photos.jsonl"
    waiting.value.save_as(file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["message_id"] for line in lines] == sorted(photos)
    texts = {message["id"]: message["text"] for message in truth}
    assert all(line["text"] == texts[line["message_id"]] for line in lines)
    assert not {"raw", "sender_id", "author"} & set(lines[0])


def test_an_edit_is_told_word_by_word_and_copied(demo: Demo, page: Page) -> None:
    demo.world("freeze")
    sync(page)
    number = demo.truth(NAME)[-1]["id"]
    demo.world("edit", channel=NAME, id=number, text="Сеанс начнётся в семь")
    sync(page)
    demo.world("edit", channel=NAME, id=number, text="Сеанс начнётся в восемь")
    sync(page)
    page.goto("/messages/?q=восемь+Сеанс")
    page.get_by_role("link", name=f"Open message {number:,}").click()
    versions = page.locator(".versions .diff").first
    expect(versions.locator("del")).to_contain_text("семь")
    expect(versions.locator("ins")).to_contain_text("восемь")

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the text").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Сеанс начнётся в восемь"
    page.locator("summary", has_text="Raw record").click()
    expect(page.locator(".tree")).to_contain_text("Сеанс начнётся в восемь")
    page.get_by_role("link", name="Older message").click()
    page.get_by_role("link", name="Newer message").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"#{number:,}")


def test_a_spoiler_is_uncovered_by_the_keyboard(demo: Demo, page: Page) -> None:
    demo.world("freeze")
    sync(page)
    covered = next(
        message
        for message in demo.truth(NAME)
        if any(entity["type"] == "spoiler" for entity in message["entities"])
    )
    channel = re.search(r"/channels/(\d+)/", page.url)
    assert channel
    page.goto(f"/channels/{channel[1]}/messages/{covered['id']}/")
    box = page.get_by_label("Show the hidden text").first
    text = page.locator(".spoiler > span").first
    expect(text).to_be_hidden()
    box.focus()
    page.keyboard.press("Space")
    expect(text).to_be_visible()
