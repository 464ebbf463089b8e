"""The main job as a person does it: connect, add, sync, find, take away."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

NAME = "daily_quiz_time"
#: What the wording of the page allows a press to take.
LONG = 60_000


def open_channel(page: Page, title: str) -> None:
    page.goto("/channels/")
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_an_account_is_connected_by_phone_code_and_password(demo: Demo, page: Page) -> None:
    status = demo.world("status")
    app = status["apps"][0]
    account = next(a for a in status["accounts"] if a["password"] and not a["sessions"])
    page.goto("/accounts/")
    page.get_by_role("link", name="Connect account").click()
    page.get_by_role("textbox", name="api_id").fill(str(app["api_id"]))
    page.get_by_role("textbox", name="api_hash").fill(app["api_hash"])
    page.get_by_label("Phone number").fill(f"+{account['phone']}")
    page.get_by_label("Name it").fill("Second reader")
    page.get_by_role("button", name="Send me the code").click()

    page.locator("input[name=code]").fill("99999")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("code", re.IGNORECASE))
    page.locator("input[name=code]").fill(account["code"])
    page.get_by_role("button", name="Sign in").click()

    page.locator("input[name=password]").fill("not it")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("password", re.IGNORECASE))
    page.locator("input[name=password]").fill(account["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()


def test_a_banned_number_is_told(demo: Demo, page: Page) -> None:
    status = demo.world("status")
    banned = next(account for account in status["accounts"] if account["banned"])
    app = status["apps"][0]
    page.goto("/accounts/connect/")
    page.get_by_role("textbox", name="api_id").fill(str(app["api_id"]))
    page.get_by_role("textbox", name="api_hash").fill(app["api_hash"])
    page.get_by_label("Phone number").fill(f"+{banned['phone']}")
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_role("alert")).to_contain_text("banned")


def test_a_channel_is_added_synced_complete_found_and_downloaded(
    demo: Demo, page: Page, tmp_path: Path
) -> None:
    demo.world("freeze")
    open_channel(page, "Daily Quiz")
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("No message of it is archived.")).to_be_visible()
    page.get_by_role("button", name="Remove channel").click()
    expect(page.get_by_role("status")).to_contain_text("was removed")

    page.get_by_role("link", name="Add channels").click()
    page.get_by_label("Channels, one on each line").fill(
        f"@nobody_has_this_name\nhttps://t.me/{NAME}"
    )
    page.get_by_role("button", name="Look at them").click()
    expect(page.locator("#line-0")).to_contain_text("no channel with this name", timeout=LONG)
    expect(page.locator("#line-1")).to_contain_text("Daily Quiz", timeout=LONG)
    page.get_by_label("Sync at once").uncheck()
    page.get_by_role("button", name="Add what is ticked").click()
    expect(page.locator("#line-1")).to_contain_text("Added", timeout=LONG)
    page.get_by_role("link", name="Open its page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Daily Quiz")
    expect(page.locator(".pct")).to_have_text("0%")

    demo.world("pace", delay=0.25)
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#press progress").first).to_be_visible()
    expect(page.locator(".pct")).not_to_have_text("0%", timeout=LONG)
    demo.world("pace", delay=0.0)
    expect(page.locator(".pct")).to_have_text("100%", timeout=LONG)
    expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)
    truth = demo.truth(f"@{NAME}")
    expect(page.locator("#facts")).to_contain_text(f"{len(truth):,}")
    expect(page.locator("#gap-count")).to_have_text("No gap")

    posted = next(message for message in reversed(truth) if len(message["text"]) > 20)
    words = re.findall(r"\w{4,}", posted["text"])[:3]
    page.keyboard.press("/")
    page.keyboard.type(" ".join(words))
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    expect(page.get_by_role("link", name=f"#{posted['id']:,}", exact=True).first).to_be_visible()

    for label, suffix in (("CSV", "csv"), ("JSON Lines", "jsonl")):
        rows = _rows(_download(page, label, tmp_path / f"file.{suffix}"))
        assert len(rows) == len(truth)
        for row, message in zip(rows, truth, strict=True):
            assert int(row["message_id"]) == message["id"]
            assert defused(row["text"]) == message["text"]
            assert (row["date"], row["edit_date"] or None) == (
                message["date"],
                message["edit_date"],
            )
            assert (str(row["sender_id"]) or None) == (
                message["sender_id"] and str(message["sender_id"])
            )
            for name in ("views", "forwards", "replies"):
                shown = row[name]
                assert (None if shown in {None, ""} else int(shown)) == message[name]
            assert not row["deleted_at"]
    demo.world("unfreeze")


def defused(text: str) -> str:
    """CSV cells that a spreadsheet would take for a formula have an apostrophe in front."""
    return text[1:] if re.match(r"'[=+\-@\t\r]", text) else text


def _download(page: Page, label: str, path: Path) -> Path:
    """Make an export on the channel's page and take it; its sum is the one that is shown."""
    open_channel(page, "Daily Quiz")
    page.locator("#exports").get_by_text(label, exact=True).first.click()
    page.locator("#exports form.toolbar button").click()
    row = page.locator("tr", has=page.get_by_role("rowheader", name=label, exact=True)).first
    expect(row.get_by_text("Ready")).to_be_visible(timeout=LONG)
    with page.expect_download() as waiting:
        row.get_by_role("link", name="Download").click()
    waiting.value.save_as(path)
    shown = row.locator(".hash").get_attribute("title")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == shown
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return [json.loads(line) for line in text.splitlines()]


def test_a_sync_is_paused_resumed_and_cancelled(demo: Demo, page: Page) -> None:
    demo.world("pace", delay=0.6)
    try:
        open_channel(page, "Rust Berlin 🦀")
        page.get_by_role("button", name="Sync now").click()
        page.get_by_role("button", name="Pause", exact=True).click()
        expect(page.locator("#press header .badge")).to_have_text("Paused", timeout=LONG)
        page.get_by_role("button", name="Resume", exact=True).click()
        expect(page.locator("#press header .badge")).to_have_text("Running", timeout=LONG)
        page.get_by_role("button", name="Cancel", exact=True).click()
        expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)
    finally:
        demo.world("pace", delay=0.0)


def test_a_flood_wait_is_counted_down_and_goes_on_by_itself(demo: Demo, page: Page) -> None:
    demo.world("fault", kind="flood_wait", method="messages.getHistory", seconds=6, count=1)
    open_channel(page, "🌦️🌍")
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#press")).to_contain_text("Flood wait", timeout=LONG)
    shown = page.locator("#press .big.warn b")
    first = shown.inner_text()
    assert re.fullmatch(r"0:\d\d", first)
    expect(shown).not_to_have_text(first)
    expect(page.locator("#press")).to_contain_text("Last sync", timeout=LONG)
