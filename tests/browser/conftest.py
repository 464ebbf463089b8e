"""The demo, running as a person starts it, and a real browser that complains of nothing."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from sandbox.control.client import ask, server_info, stream
from tests.browser.site import Site, collect, serve
from tests.tgadmin.running import Up, wait_for_none

PASSWORD = "shown in no log"
#: Debian's, of which one draws no windows and is quicker for it.
_PROGRAMS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(os.path.exists, _PROGRAMS), _PROGRAMS[-1])
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@dataclass
class Demo:
    """An installation with the demo's world, and that world's truth."""

    up: Up

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.up.port}"

    def world(self, command: str, **arguments: Any) -> Any:
        """Tell the sandbox to do something."""
        return ask(self._control, command, **arguments)

    def truth(self, channel: str) -> list[dict[str, Any]]:
        """The messages of a channel that Telegram would show, by id."""
        items = stream(self._control, "truth", channel=channel)
        messages = [item for item in items if item and item.get("type") == "message"]
        return [message for message in messages if not message["hidden"]]

    def secrets(self) -> list[str]:
        """What its people log in with, which no log may hold."""
        status = self.world("status")
        hashes = [app["api_hash"] for app in status["apps"]]
        people = [(person["code"], person["password"] or "") for person in status["accounts"]]
        return [*hashes, *(secret for pair in people for secret in pair)]

    @property
    def _control(self) -> str:
        control: str = server_info(self.up.data / "sandbox")["control"]
        return control


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="demo ", dir="/tmp") as folder:
        up = Up(Path(folder) / "data", "--demo", TGADMIN_ADMIN_PASSWORD=PASSWORD)
        try:
            made = Demo(up.wait_until_ready())
            up.knows(*made.secrets())
            yield made
        finally:
            up.end()
            wait_for_none(up.data, seconds=10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*_OPTIONS, "--no-first-run"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files, compressed and hashed."""
    folder = tmp_path_factory.mktemp("static")
    collect(folder)
    return folder


@pytest.fixture(scope="module")
def site(
    postgres_server: object,
    django_db_blocker: DjangoDbBlocker,
    valkey_server: object,
    static: Path,
) -> Iterator[Site]:
    """Serve the world of the dashboard's tests: every state that a page can show."""
    # Playwright has an event loop in this thread, and Django would keep the database from it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with django_db_blocker.unblock(), serve(static) as served:
        yield served
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def profile(
    browser: Browser, address: str, status: int = 404, **options: Any
) -> Iterator[BrowserContext]:
    """A fresh profile. Whatever the console says against a page, and whatever its security policy
    refuses, fails the test.
    """
    options.setdefault("viewport", {"width": 1440, "height": 900})
    made = browser.new_context(base_url=address, **options)
    made.set_default_timeout(15_000)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # That a page answered so is what its test asked for, and looks at.
        if message.type in {"error", "warning"} and f"status of {status}" not in message.text:
            complaints.append(message.text)

    def violated(text: str) -> None:
        complaints.append(text)

    made.on("console", hear)
    made.on("weberror", lambda error: complaints.append(str(error.error)))
    made.expose_function("tellViolation", violated)
    made.add_init_script(_REPORT_VIOLATIONS)
    yield made
    made.close()
    assert complaints == []


#: In every page, before its own scripts (https://www.w3.org/TR/CSP3/#violation-events).
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", function (event) {
  window.tellViolation("policy: " + event.violatedDirective + " " + event.blockedURI);
});
"""


@pytest.fixture
def context(demo: Demo, browser: Browser) -> Iterator[BrowserContext]:
    with profile(browser, demo.address) as made:
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Signed in."""
    page = context.new_page()
    sign_in(page)
    return page


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
