"""The timeline and the table as a person uses them: both ways without an end, jumps, columns, a copy."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from ingestion.models import Message
from tests.browser.conftest import profile
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

#: Where a post stands on the screen, of the first that is seen.
SEEN = """() => { const post = [...document.querySelectorAll('li[data-id]')].find((one) =>
    one.getBoundingClientRect().bottom > 200); return [post.dataset.id, post.getBoundingClientRect().top] }"""
#: Scroll, and tell where that post stood a moment later, once more was put above or below it.
WALK = """async ([by, want]) => {
    const list = () => [...document.querySelectorAll('li[data-id]')].map((one) => Number(one.dataset.id));
    const edge = () => by < 0 ? Math.min(...list()) : Math.max(...list());
    let last = edge(), most = 0, steps = 0;
    while (by < 0 ? last > want : last < want) {
        if (++steps > 400) throw new Error(`stuck at ${last}`);
        scrollBy(0, by);
        await new Promise((done) => setTimeout(done, 40));
        last = edge();
        most = Math.max(most, list().length);
    }
    const ids = list();
    return [ids.every((id, place) => !place || id > ids[place - 1]), most];
}"""


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    with profile(browser, site.address) as context:
        context.add_cookies(site.cookies("viewer"))
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context.new_page()


def test_the_timeline_goes_on_both_ways_and_jumps(site: Site, page: Page) -> None:
    channel = site.world.channel
    top = channel.top_id
    old, new = top - 700, top - 3
    Message.objects.filter(channel=channel, message_id=new).update(reply_to={"message_id": old})
    page.goto(f"/channels/{channel.pk}/timeline/")
    expect(page.locator(f"#m{top}")).to_be_in_viewport()

    in_order, most = page.evaluate(WALK, [-1500, top - 300])
    assert in_order
    assert most <= 240
    assert page.locator(f"#m{top}").count() == 0  # given back, far below
    page.wait_for_load_state("networkidle")
    number, place = page.evaluate(SEEN)
    older = page.locator("li[data-id]").first.get_attribute("data-id")
    with page.expect_response(re.compile("before=")):
        page.evaluate("htmx.trigger('#older', 'reach')")
    page.wait_for_function(f"!document.querySelector('li[data-id]').matches('#m{older}')")
    assert page.evaluate(SEEN) == [number, pytest.approx(place, abs=2)]
    in_order, most = page.evaluate(WALK, [1500, top])
    assert in_order
    assert most <= 240

    page.get_by_role("link", name="Newest", exact=True).click()
    page.locator(f"#m{new} .tl-re").click()
    page.wait_for_url(re.compile(rf"at={old}#m{old}$"))
    expect(page.locator(f"#m{old}")).to_be_in_viewport()
    expect(page.locator("[data-target]")).to_have_attribute("data-id", str(old))

    page.get_by_label("Go to a message's id").fill("100")
    page.get_by_role("button", name="Go to the id").click()
    expect(page.locator("#m100")).to_be_in_viewport()
    expect(page.locator("#m100")).to_contain_text("does not show its history to newcomers")
    day = timezone.now() - timedelta(days=3)
    page.get_by_label("Go to a day").fill(day.date().isoformat())
    page.get_by_role("button", name="Go to the day").click()
    page.wait_for_url(re.compile(r"at=\d+#m\d+$"))
    target = page.locator("[data-target]")
    expect(target.locator("time[datetime]").first).to_have_attribute(
        "datetime", re.compile(day.date().isoformat())
    )

    number = target.get_attribute("data-id")
    target.hover()
    target.locator("summary").click()
    target.get_by_role("button", name="Copy the link to here").click()
    expect(target.get_by_text("Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"/c/{channel.pk}/{number}")


def test_the_first_message_is_one_press_away(site: Site, page: Page) -> None:
    channel = site.world.channel
    ids = Message.objects.filter(channel=channel).order_by("message_id")
    first = ids.values_list("message_id", flat=True)[0]
    page.goto(f"/channels/{channel.pk}/timeline/")
    page.get_by_role("link", name="First", exact=True).click()
    expect(page.locator("li[data-id]").first).to_have_attribute("data-id", str(first))
    expect(page.locator(f"#m{first}")).to_be_in_viewport()
    expect(page.locator(f"#m{channel.top_id}")).to_have_count(0)
    in_order, _most = page.evaluate(WALK, [1500, first + 80])  # and it goes on from there
    assert in_order


def test_text_and_telegram_link_are_copied_as_they_are(site: Site, page: Page) -> None:
    text = "“Two lines” <b>and</b> a tab\t&amp;\n日本語 🎉"
    private = next(one for one in site.world.channels if not one.username and one.top_id)
    public = f"https://t.me/{site.world.channel.username}"
    members = f"https://t.me/c/{-private.peer_id - 1_000_000_000_000}"
    for channel, link in ((site.world.channel, public), (private, members)):
        number = channel.top_id
        Message.objects.filter(channel=channel, message_id=number).update(text=text)
        page.goto(f"/channels/{channel.pk}/timeline/")
        post = page.locator(f"#m{number}")
        post.hover()
        for said, copied in (
            ("Copy the text", text),
            ("Copy the Telegram link", f"{link}/{number}"),
        ):
            if not post.locator("details.menu[open]").count():
                post.locator("summary").click()
            post.get_by_role("button", name=said).click()
            expect(post.get_by_role("button", name="Copied")).to_be_visible()
            assert page.evaluate("navigator.clipboard.readText()") == copied
            expect(post.get_by_role("button", name=said)).to_be_visible()


def test_without_a_script_it_is_pages_with_links(site: Site, browser: Browser) -> None:
    with profile(browser, site.address, java_script_enabled=False) as context:
        context.add_cookies(site.cookies("viewer"))
        page = context.new_page()
        page.goto(f"/channels/{site.world.channel.pk}/timeline/")
        newest = str(site.world.channel.top_id)
        expect(page.locator("li[data-id]").last).to_have_attribute("data-id", newest)
        page.get_by_role("link", name="Older", exact=True).click()
        expect(page.locator(f"#m{newest}")).to_have_count(0)
        page.get_by_role("link", name="Newer", exact=True).click()
        expect(page.locator("li[data-id]").last).to_have_attribute("data-id", newest)


def test_the_table_keeps_its_columns_and_is_copied(site: Site, page: Page) -> None:
    page.goto(f"/channels/{site.world.channel.pk}/table/?range=all")
    page.get_by_role("columnheader", name="Views").get_by_role("link").click()
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("group", name="Columns").get_by_label("Characters").check()
    page.get_by_role("button", name="Show these columns").click()
    page.wait_for_url(re.compile("columns=.*length"))
    expect(page.get_by_role("columnheader", name="Characters")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Views")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.get_by_role("link", name="Copy as TSV").click()
    expect(page.get_by_role("link", name="Copied")).to_be_visible()
    lines = page.evaluate("navigator.clipboard.readText()").strip().split("\n")
    assert lines[0].split("\t")[-1] == "Characters"
    views = [int(line.split("\t")[2]) for line in lines[1:]]
    assert len(views) == page.locator(".sheet tbody tr").count()
    assert views == sorted(views, reverse=True)


def test_the_columns_stay_named_when_the_table_is_scrolled(site: Site, page: Page) -> None:
    page.goto(f"/channels/{site.world.channel.pk}/table/?range=all")
    sheet = page.locator(".sheet")
    head = sheet.get_by_role("columnheader", name="Views")
    first = sheet.locator("tbody tr").first
    before = head.bounding_box()
    expect(first).to_be_in_viewport()
    assert sheet.evaluate("e => { e.scrollTop = e.scrollHeight; return e.scrollTop }") > 200
    expect(first).not_to_be_in_viewport()
    assert head.bounding_box() == before
    # It lies over the rows: a press reaches it.
    head.get_by_role("link").click()
    page.wait_for_url(re.compile("order=|sort=|by="))
