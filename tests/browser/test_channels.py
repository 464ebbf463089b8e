"""Channels as a person deals with them: adding many, finding, tagging, pressing, removing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo, profile, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

#: What the wording of the page allows Telegram to take, for a few lines.
LONG = 60_000
CYCLISTS, ABETKA = "Ciclistas de Lisboa", "Городня абетка 🌱"


def tick(page: Page, *titles: str) -> None:
    for title in titles:
        page.get_by_label(f"Tick {title}", exact=True).check()


def remove(page: Page, *titles: str) -> None:
    page.goto("/channels/")
    tick(page, *titles)
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name=re.compile(r"Remove \d channel")).click()


def look_at(page: Page, *lines: str) -> None:
    page.goto("/channels/")
    page.get_by_role("link", name="Add channels").click()
    page.get_by_label("Channels, one on each line").fill("\n".join(lines))
    page.get_by_role("button", name="Look at them").click()


def titles(page: Page) -> list[str]:
    expect(page.locator("table.chans")).to_be_visible()
    return page.locator("table.chans tbody th b").all_inner_texts()


def expect_titles(page: Page, *wanted: str) -> None:
    expect(page.locator("table.chans tbody th b")).to_have_text(list(wanted))


def test_many_are_removed_after_a_question_and_it_is_undone(demo: Demo, page: Page) -> None:
    page.goto("/channels/")
    before = titles(page)
    tick(page, CYCLISTS, ABETKA)
    expect(page.locator("[data-count]")).to_have_text("2")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Remove 2 channels?")
    page.get_by_role("button", name="Remove 2 channels").click()
    expect(page.get_by_role("status")).to_contain_text("2 channels were removed")
    left = [title for title in before if title not in {CYCLISTS, ABETKA}]
    expect_titles(page, *left)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("2 channels are back on the list")
    expect_titles(page, *before)


def test_lines_are_looked_at_and_one_that_is_wrong_holds_up_no_other(
    demo: Demo, page: Page
) -> None:
    remove(page, CYCLISTS, ABETKA)
    look_at(page, "@ciclistas_lisboa", "not a name!", "https://t.me/horodnia_abetka/5")
    expect(page.locator("#line-1")).to_contain_text("is no name of a channel")
    for line, title in (("#line-0", CYCLISTS), ("#line-2", ABETKA)):
        expect(page.locator(line)).to_contain_text(title, timeout=LONG)
        expect(page.locator(line)).to_contain_text("members")
        expect(page.locator(line).get_by_role("checkbox")).to_be_checked()
    expect(page.locator("#adding-progress")).to_contain_text("2 channels can be added")
    page.get_by_label("Sync by itself").select_option("60")
    page.get_by_label("Tags, with commas between").fill("пример, city")
    page.get_by_role("button", name="Add what is ticked").click()
    for line in ("#line-0", "#line-2"):
        expect(page.locator(line)).to_contain_text("Added", timeout=LONG)
    expect(page.locator("#line-1")).not_to_contain_text("Added")

    page.get_by_role("link", name="See the channels").click()
    page.get_by_role("link", name="пример", exact=True).first.click()
    expect_titles(page, CYCLISTS, ABETKA)
    for title in (CYCLISTS, ABETKA):
        row = page.locator("tr", has=page.get_by_text(title, exact=True))
        expect(row.locator("[data-l='Tags']")).to_contain_text("city")
    page.goto("/channels/?tag=пример&sort=-synced")
    for _ in range(60):
        if page.get_by_text("100%").count() == 2:
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text("100%")).to_have_count(2)


def test_an_invite_is_followed_once_it_is_agreed_to(demo: Demo, page: Page) -> None:
    look_at(page, "https://t.me/+NightWatch2026harbr")
    line = page.locator("#line-0")
    expect(line).to_contain_text("Night Watch 🌙", timeout=LONG)
    expect(line).to_contain_text("will join this channel; its members can see that")
    page.get_by_label("Sync at once").uncheck()
    page.get_by_role("button", name="Add what is ticked").click()
    expect(line).to_contain_text("Added", timeout=LONG)
    page.get_by_role("link", name="Open its page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Night Watch 🌙")


def test_channels_are_chosen_from_what_the_account_is_in(
    demo: Demo, page: Page, tmp_path: Path
) -> None:
    page.goto("/channels/add/")
    page.get_by_role("link", name="Choose from an account's list").click()
    page.get_by_role("button", name="Read the list").click()
    expect(page.locator("table.dials")).to_be_visible(timeout=LONG)
    expect(page.get_by_label("Tick Harbor Daily")).to_have_count(0)
    expect(page.get_by_role("link", name="Archived").first).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("CSV")).click()
    waiting.value.save_as(tmp_path / "list.csv")
    head, *rows = (tmp_path / "list.csv").read_text("utf-8-sig").splitlines()
    assert head == "id,username,type,title,access_hash"
    assert any("harbor_daily,broadcast,Harbor Daily" in row for row in rows)
    page.keyboard.press("Escape")

    page.get_by_label("Title or @name").fill("закрытый")
    page.keyboard.press("Enter")
    tick(page, "Редакция · закрытый чат")
    page.get_by_role("button", name="Add the ticked ones").click()
    page.get_by_label("Sync at once").uncheck()
    page.get_by_role("button", name="Add what is ticked").click()
    expect(page.locator("#line-0")).to_contain_text("Added", timeout=LONG)


def test_the_list_is_tagged_ordered_and_synced_with_the_keyboard(demo: Demo, page: Page) -> None:
    page.goto("/channels/?sort=-members")
    assert titles(page)[0] == "Новости Севера"
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.get_by_label("Tick Новости Севера").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-count]")).to_have_text("2")
    page.locator(".bulk summary", has_text="Tag").press("Enter")
    page.locator("#bulk-tag").fill("biggest")
    page.get_by_role("button", name="Add tag").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The tag was given to 2 channels")
    expect(page).to_have_url(re.compile("sort=-members"))

    page.goto("/channels/?tag=biggest")
    page.get_by_label("Tick all on this page").check()
    page.get_by_role("button", name="Sync", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The sync of 2 channels was asked for")
    page.get_by_role("link", name=re.compile("Tag: biggest")).click()
    expect(page).not_to_have_url(re.compile("tag="))
    page.locator("thead").get_by_role("link", name="Messages").click()
    expect(page).to_have_url(re.compile("sort=-messages"))
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Messages")


def test_all_of_it_works_without_scripts(demo: Demo, browser: Browser) -> None:
    with profile(browser, demo.address, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page)
        remove(page, "東京グルメ日記")
        look_at(page, "@tokyo_gourmet")
        for _ in range(60):
            if page.get_by_text("1 channel can be added").count():
                break
            page.get_by_role("link", name="Refresh").click()
        page.get_by_role("button", name="Add what is ticked").click()
        for _ in range(60):
            if page.get_by_text("1 channel was added").count():
                break
            page.get_by_role("link", name="Refresh").click()
        expect(page.locator("#line-0")).to_contain_text("Added")
        page.goto("/channels/")
        page.get_by_label("Kind", exact=True).select_option("gigagroup")
        page.get_by_role("button", name="Apply").click()
        expect_titles(page, "Daily Quiz")
