"""A little t.me on this machine: pages of posts as Telegram's preview shows them."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PER_PAGE = 20
WHEN = datetime(2026, 5, 1, 12, tzinfo=UTC)
#: What a name that nobody has ends at.
HOME = '<!DOCTYPE html><html><body class="preload"><div class="tl_page_wrap">Why Telegram?</div></body></html>'
#: A channel whose preview is off; a person.
OFF = (
    '<html><body><div class="tgme_page"><div class="tgme_page_context_link_wrap"><a href="/s/x">Preview'
    " channel</a></div></div></body></html>"
)
PERSON = '<html><body><div class="tgme_page"><a class="tgme_action_button_new">Contact</a></div></body></html>'


def post(
    name: str, bare: int, number: int, html: str = "", *, inside: str = "", views: str = "1.2K",
    meta: str = "", reactions: str = "", after: str = "", classes: str = "", album: bool = False,
) -> str:  # fmt: skip
    """One block. `inside` stands before the words, `after` below the bubble."""
    view = json.dumps({"c": -bare, "p": f"{number}g" if album else number}).encode()
    data = base64.urlsafe_b64encode(view).decode().rstrip("=")
    date = (WHEN + timedelta(minutes=number)).isoformat()
    text = (
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{html}</div>'
        if html
        else ""
    )
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message text_not_supported_wrap js-widget_message {classes}" '
        f'data-post="{name}/{number}" data-view="{data}">'
        f'<div class="tgme_widget_message_bubble">{inside}{text}{reactions}'
        '<div class="tgme_widget_message_footer compact js-message_footer">'
        '<div class="tgme_widget_message_info short js-message_info">'
        f'<span class="tgme_widget_message_views">{views}</span>'
        f'<span class="tgme_widget_message_meta">{meta}<a class="tgme_widget_message_date" '
        f'href="https://t.me/{name}/{number}"><time datetime="{date}" class="time">12:00</time></a>'
        f"</span></div></div></div>{after}</div></div>"
    )


@dataclass
class Shown:
    """A channel of the site: its posts by id, as HTML."""

    name: str
    bare: int = 1_600_000_001
    title: str = "The Preview"
    about: str = "About it"
    members: str = "2.5K"
    posts: dict[int, str] = field(default_factory=dict)

    def write(self, *numbers: int, **fields: Any) -> None:
        for number in numbers:
            html = fields.get("html", f"Post {number}")
            rest = {key: value for key, value in fields.items() if key != "html"}
            self.posts[number] = post(self.name, self.bare, number, html, **rest)

    def page(self, *, before: int | None, after: int | None) -> str:
        ids = sorted(self.posts)
        if after is not None:
            shown = [one for one in ids if one > after][:PER_PAGE]
        else:
            shown = [one for one in ids if before is None or one < before][-PER_PAGE:]
        older = bool(shown) and shown[0] != ids[0]
        newer = bool(shown) and shown[-1] != ids[-1]
        link = '<a class="tme_messages_more js-messages_more" data-{0}="{1}" href="?{0}={1}"></a>'
        return (
            f'<!DOCTYPE html><html><head><meta property="og:title" content="{escape(self.title)}">'
            '</head><body><div class="tgme_channel_info"><div class="tgme_channel_info_header_title">'
            f'<span dir="auto">{escape(self.title)}</span></div><div class="tgme_channel_info_header_'
            f'username"><a href="https://t.me/{self.name}">@{self.name}</a></div><div class="tgme_'
            f'channel_info_counters"><div class="tgme_channel_info_counter"><span class="counter_value">'
            f'{self.members}</span> <span class="counter_type">subscribers</span></div></div><div class='
            f'"tgme_channel_info_description">{escape(self.about)}</div></div><main class="tgme_main">'
            '<section class="tgme_channel_history js-message_history">'
            + (link.format("before", shown[0]) if older else "")
            + "".join(self.posts[one] for one in shown)
            + (link.format("after", shown[-1]) if newer else "")
            + "</section></main></body></html>"
        )


class Site:
    """`faults` are answers to give first, in order: a status, or a status and Retry-After."""

    def __init__(self) -> None:
        self.channels: dict[str, Shown] = {}
        self.pages: dict[str, str] = {"off_channel": OFF, "some_person": PERSON}
        self.faults: list[tuple[int, str]] = []
        self.asked: list[str] = []
        self.url = ""

    def show(self, name: str, **fields: Any) -> Shown:
        shown = self.channels[name.lower()] = Shown(name, **fields)
        return shown

    def answer(self, path: str) -> tuple[int, dict[str, str], str]:
        self.asked.append(path)
        if self.faults:
            status, after = self.faults.pop(0)
            return status, {"Retry-After": after} if after else {}, "…"
        parts = urlsplit(path)
        name = parts.path.removeprefix("/s/").lower()
        if name in self.pages:
            return 200, {}, self.pages[name]
        if name not in self.channels:
            return (302, {"Location": "/home"}, "") if parts.path != "/home" else (200, {}, HOME)
        query = {
            key: int(re.sub(r"\D", "", values[0])) for key, values in parse_qs(parts.query).items()
        }
        page = self.channels[name].page(before=query.get("before"), after=query.get("after"))
        return 200, {}, page


@contextmanager
def serving() -> Iterator[Site]:
    """A site that answers at `site.url` until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = site.answer(self.path)
            data = body.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, the base class names it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
