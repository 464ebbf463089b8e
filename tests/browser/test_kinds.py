"""Every kind of message in a real browser: readable, accessible, and without any script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ingestion.models import Channel
from ingestion.sources.mtproto.mapping import map_message
from ingestion.sources.mtproto.reader import FastReader
from sandbox.tl.message import write
from sandbox.world.build import build
from tests.browser.conftest import profile
from tests.browser.site import Site
from tests.browser.test_pages import axe
from tests.factories import archive_messages, make_channel

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

END = 1_780_000_000


@pytest.fixture(scope="module")
def kinds(site: Site) -> Channel:
    """A channel with the sandbox's message of each kind."""
    world = build({"kind": "demo", "seed": 1, "end": END})
    source = world.channels[-1]
    channel = make_channel(
        site.world.workspace, peer_id=source.info.marked_id, title=source.info.title
    )
    raws = (FastReader(write(source, one).raw.data).tgread_object() for one in source.messages())
    archive_messages(channel, [map_message(raw.to_dict()) for raw in raws])
    return channel


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    with profile(browser, site.address, java_script_enabled=True) as context:
        context.add_cookies(site.cookies("owner"))
        yield context.new_page()


def pages(channel: Channel, view: str) -> Iterator[str]:
    """All of the channel, fifty posts a page."""
    for kind in ("text", "service", "photo&kind=video&kind=poll&kind=quiz&kind=document"):
        yield f"/messages/?channel={channel.pk}&view={view}&kind={kind}"
    rest = "todo geo live_location venue contact game dice story invoice giveaway paid_media"
    kinds = "&kind=".join((*rest.split(), "voice", "audio", "sticker", "round_video", "unknown"))
    yield f"/messages/?channel={channel.pk}&view={view}&kind={kinds}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    kinds: Channel, page: Page, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    for view in ("cards", "table"):
        for address in pages(kinds, view):
            page.goto(address)
            assert axe(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_each_message_has_a_page(kinds: Channel, page: Page) -> None:
    for number in (2, 3, 7, 16, 17, 18, 32, 46, 52, 60, 66):
        page.goto(f"/channels/{kinds.pk}/messages/{number}/")
        assert axe(page) == [], number


def test_nothing_is_loaded_from_elsewhere(kinds: Channel, page: Page, site: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in pages(kinds, "cards"):
        page.goto(address)
    assert asked
    assert all(url.startswith((site.address, "data:")) for url in asked)


def test_a_covered_picture_and_a_folded_quote_open_by_the_keyboard(
    kinds: Channel, page: Page
) -> None:
    page.goto(f"/messages/?channel={kinds.pk}&view=cards&kind=photo")
    box = page.get_by_label("Show the covered picture").first
    picture = page.locator(".covered .thumb").first
    before = picture.evaluate("one => getComputedStyle(one).filter")
    box.focus()
    page.keyboard.press("Space")
    assert picture.evaluate("one => getComputedStyle(one).filter") != before
    page.goto(f"/channels/{kinds.pk}/messages/2/")
    quote = page.locator(".folds details")
    expect(quote).not_to_have_attribute("open", "")
    page.get_by_text("Show the whole quote").focus()
    page.keyboard.press("Enter")
    expect(quote).to_have_attribute("open", "")


def test_an_album_is_one_post_that_leads_to_each_of_its_pictures(
    kinds: Channel, page: Page
) -> None:
    page.goto(f"/messages/?channel={kinds.pk}&view=cards&kind=photo&kind=video")
    album = page.get_by_role("list", name="Album")
    expect(album).to_have_count(1)
    expect(album.get_by_role("link")).to_have_count(4)
    album.get_by_role("link").nth(2).click()
    expect(page.get_by_role("list", name="Album").locator("[aria-current=page]")).to_have_count(1)
    expect(page.get_by_text("Four from the quay")).to_have_count(0)
