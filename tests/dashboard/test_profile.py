"""What people say about themselves; passwords; sessions."""

import re
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings

from dashboard import browsers
from dashboard.views import passwords
from tests.dashboard.world import World
from workspaces.models import User

ClientOf = Callable[[str], Client]

NEW = "another ferry at dawn"


def sign_in(name: str, password: str, agent: str = "") -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/login/", {"username": name, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def root(client: Client, address: str) -> str:
    """The first tag of a page."""
    found = re.search("<html[^>]*>", client.get(address).content.decode())
    assert found
    return found[0]


class TestProfile:
    def test_everything_is_kept(self, world: World, client_of: ClientOf) -> None:
        fields = {
            "first_name": "Вера",
            "last_name": "Л.",
            "email": "vera@example.org",
            "language": "ru",
            "time_zone": "Asia/Tokyo",
        }
        answer = client_of("viewer").post("/profile/", fields, follow=True)
        page = answer.content.decode()
        assert '<html lang="ru"' in page
        assert "JST" in page
        assert "Вера Л." in page
        found = User.objects.filter(pk=world.people["viewer"].pk).values(*fields).get()
        assert found == fields

    def test_nothing_is_needed(self, world: World, client_of: ClientOf) -> None:
        assert client_of("viewer").post("/profile/", {}).status_code == 302

    @pytest.mark.parametrize(
        "fields", [{"email": "no address"}, {"time_zone": "Nowhere"}, {"language": "tlh"}]
    )
    def test_what_will_not_do_is_told(
        self, fields: dict[str, str], world: World, client_of: ClientOf
    ) -> None:
        answer = client_of("viewer").post("/profile/", fields)
        assert answer.status_code == 422
        assert 'class="error"' in answer.content.decode()

    def test_a_form_gives_nobody_rights(self, world: World, client_of: ClientOf) -> None:
        client_of("viewer").post("/profile/", {"is_superuser": "on", "username": "root"})
        viewer = User.objects.get(pk=world.people["viewer"].pk)
        assert (viewer.username, viewer.is_superuser) == ("viewer", False)


class TestLanguage:
    def test_it_is_kept_in_the_browser_and_for_the_person(self, world: World) -> None:
        client = sign_in("viewer", "pass-viewer")
        answer = client.post("/language/", {"language": "ru", "next": "/runs/"})
        assert answer["Location"] == "/runs/"
        client.post("/logout/")
        assert '<html lang="ru"' in client.get("/login/").content.decode()
        assert User.objects.get(username="viewer").language == "ru"

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "", "nowhere"])
    def test_it_leads_nowhere_else(self, back: str, client: Client, world: World) -> None:
        answer = client.post("/language/", {"language": "ru", "next": back})
        assert answer["Location"] == "/"

    def test_one_that_is_not_there_changes_nothing(self, client: Client, world: World) -> None:
        client.post("/language/", {"language": "tlh"})
        assert '<html lang="en"' in client.get("/login/").content.decode()


class TestAppearance:
    def test_it_is_kept_with_the_person_in_every_browser(self, world: World) -> None:
        here, there = sign_in("viewer", "pass-viewer"), sign_in("viewer", "pass-viewer")
        assert "data-theme" not in root(there, "/runs/")
        answer = here.post("/appearance/", {"appearance": "dark", "next": "/runs/"})
        assert answer["Location"] == "/runs/"
        assert 'data-theme="dark"' in root(here, "/runs/")
        assert 'data-theme="dark"' in root(there, "/runs/")
        assert User.objects.get(username="viewer").appearance == "dark"
        assert not User.objects.exclude(appearance="").exclude(username="viewer").exists()

    def test_of_a_stranger_it_is_kept_in_the_browser(self, client: Client, world: World) -> None:
        client.post("/appearance/", {"appearance": "dark", "next": "/login/"})
        assert 'data-theme="dark"' in root(client, "/login/")
        cookie = client.cookies["tgadmin_appearance"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert "data-theme" not in root(Client(), "/login/")

    def test_who_chose_none_has_that_of_the_browser_after_signing_in(
        self, client: Client, world: World
    ) -> None:
        client.post("/appearance/", {"appearance": "light"})
        client.post("/login/", {"username": "viewer", "password": "pass-viewer"})
        assert 'data-theme="light"' in root(client, "/")

    def test_the_persons_goes_before_the_browsers(self, client: Client, world: World) -> None:
        client.post("/appearance/", {"appearance": "dark"})
        User.objects.filter(username="viewer").update(appearance="system")
        client.post("/login/", {"username": "viewer", "password": "pass-viewer"})
        assert "data-theme" not in root(client, "/")

    def test_it_stays_in_the_browser_after_signing_out(self, world: World) -> None:
        client = sign_in("viewer", "pass-viewer")
        client.post("/appearance/", {"appearance": "dark"})
        client.post("/logout/")
        assert 'data-theme="dark"' in root(client, "/login/")

    @pytest.mark.parametrize("value", ["", "pink", '"><script>'])
    def test_one_that_is_none_is_refused(self, value: str, world: World) -> None:
        client = sign_in("viewer", "pass-viewer")
        client.post("/appearance/", {"appearance": "dark"})
        assert client.post("/appearance/", {"appearance": value}).status_code == 400
        assert client.cookies["tgadmin_appearance"].value == "dark"
        assert User.objects.get(username="viewer").appearance == "dark"

    def test_a_cookie_that_names_none_is_as_none(self, client: Client, world: World) -> None:
        client.cookies["tgadmin_appearance"] = "pink"
        assert "data-theme" not in root(client, "/login/")

    def test_the_buttons_say_which_it_is(self, world: World, client_of: ClientOf) -> None:
        User.objects.filter(username="viewer").update(appearance="dark")
        for address in ("/", "/profile/"):
            page = client_of("viewer").get(address).content.decode()
            pressed = re.findall(r'value="(\w+)" aria-pressed="true"', page)
            assert set(pressed) == {"dark"}

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", ""])
    def test_it_leads_nowhere_else(self, back: str, client: Client, world: World) -> None:
        answer = client.post("/appearance/", {"appearance": "dark", "next": back})
        assert answer["Location"] == "/"


class TestPassword:
    def change(self, client: Client, **fields: str) -> Any:
        given = {"old_password": "pass-viewer", "new_password1": NEW, "new_password2": NEW}
        return client.post("/profile/password/", given | fields)

    def test_other_browsers_are_signed_out_and_this_one_is_not(self, world: World) -> None:
        here, there = sign_in("viewer", "pass-viewer"), sign_in("viewer", "pass-viewer")
        assert self.change(here).status_code == 302
        assert is_in(here)
        assert not is_in(there)
        assert world.people["viewer"].sign_ins.count() == 1
        assert "this browser" in here.get("/profile/sessions/").content.decode()
        assert is_in(sign_in("viewer", NEW))

    @pytest.mark.parametrize(
        "fields",
        [
            {"old_password": "wrong"},
            {"new_password2": "differs from it"},
            {"new_password1": "viewer", "new_password2": "viewer"},
        ],
    )
    def test_what_will_not_do_is_told(
        self, fields: dict[str, str], world: World, client_of: ClientOf
    ) -> None:
        assert self.change(client_of("viewer"), **fields).status_code == 422
        assert User.objects.get(username="viewer").check_password("pass-viewer")


class TestSessions:
    def test_they_are_told_apart_in_words(self, world: World) -> None:
        here = sign_in("viewer", "pass-viewer", "Mozilla/5.0 (X11; Linux) Firefox/140.0")
        sign_in("viewer", "pass-viewer", "Mozilla/5.0 (iPhone) Version/26.0 Safari/604.1")
        page = here.get("/profile/sessions/").content.decode()
        assert page.index("Firefox on Linux") < page.index("this browser")
        assert page.index("this browser") < page.index("Safari on iOS")
        assert "127.0.0.1" in page

    def test_one_is_ended(self, world: World) -> None:
        here, there = sign_in("viewer", "pass-viewer"), sign_in("viewer", "pass-viewer")
        other = world.people["viewer"].sign_ins.order_by("-pk")[0]
        here.post(f"/profile/sessions/{other.pk}/end/")
        assert (is_in(here), is_in(there)) == (True, False)

    def test_nobody_ends_somebody_elses(self, world: World) -> None:
        owner, viewer = sign_in("owner", "pass-owner"), sign_in("viewer", "pass-viewer")
        other = world.people["viewer"].sign_ins.get()
        assert owner.post(f"/profile/sessions/{other.pk}/end/").status_code == 404
        assert is_in(viewer)

    def test_all_are_ended(self, world: World) -> None:
        here, there = sign_in("viewer", "pass-viewer"), sign_in("viewer", "pass-viewer")
        answer = here.post("/profile/sessions/end/", follow=True)
        assert "signed out everywhere" in answer.content.decode()
        assert not is_in(here)
        assert not is_in(there)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/26 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("", "A browser that does not say what it is"),
    ],
)
def test_a_browser_in_words(agent: str, words: str) -> None:
    assert browsers.describe(agent) == words


@pytest.mark.usefixtures("world")
class TestForgottenWithoutMail:
    def test_the_login_page_says_who_sets_a_new_one(self, client: Client) -> None:
        page = client.get("/login/").content.decode()
        assert "python3 manage.py changepassword NAME" in page
        assert "/password/" not in page

    def test_asking_anyway_says_the_same(self, client: Client) -> None:
        assert "cannot send e-mail" in client.get("/password/").content.decode()
        assert client.post("/password/", {"email": "a@example.org"}).status_code == 409


@pytest.mark.usefixtures("valkey")
class TestForgotten:
    @pytest.fixture(autouse=True)
    def mail_is_set(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        User.objects.filter(username="viewer").update(email="lena@example.org")
        threads: list[Thread] = []

        class Waited(Thread):
            def start(self) -> None:
                super().start()
                threads.append(self)
                self.join()

        monkeypatch.setattr(passwords, "Thread", Waited)
        with override_settings(CAN_SEND_MAIL=True):
            yield

    def ask(self, client: Client, email: str = "Lena@example.org") -> Any:
        return client.post("/password/", {"email": email})

    def test_the_link_of_the_mail_sets_a_new_one(self, client: Client) -> None:
        assert "Forgot your password?" in client.get("/login/").content.decode()
        session = sign_in("viewer", "pass-viewer")
        self.ask(client)
        (sent,) = mail.outbox
        assert sent.to == ["lena@example.org"]
        assert "viewer" in sent.body
        link = re.search(r"http://testserver(/password/\S+)", str(sent.body))
        assert link
        form = client.get(link[1], follow=True)
        answer = client.post(
            form.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW}, follow=True
        )
        assert "Sign in with the new one." in answer.content.decode()
        assert is_in(sign_in("viewer", NEW))
        assert not is_in(session)
        again = client.get(link[1], follow=True).content.decode()
        assert "cannot be used any more" in again

    def test_nobody_learns_who_is_here(self, client: Client) -> None:
        known, unknown = self.ask(client), self.ask(client, "nobody@example.org")
        assert (known.status_code, known["Location"]) == (302, "/password/sent/")
        assert (unknown.status_code, unknown["Location"]) == (302, "/password/sent/")
        assert len(mail.outbox) == 1

    def test_three_mails_an_hour_are_enough(self, client: Client) -> None:
        for _ in range(5):
            assert self.ask(client)["Location"] == "/password/sent/"
        assert len(mail.outbox) == 3

    def test_one_address_asks_twenty_times_an_hour(self, client: Client) -> None:
        for number in range(20):
            assert self.ask(client, f"a{number}@example.org").status_code == 302
        answer = self.ask(client)
        assert answer.status_code == 429
        assert "Too many requests came from your address" in answer.content.decode()

    def test_a_mail_server_that_is_away_is_nobodys_business_here(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        smtp = "django.core.mail.backends.smtp.EmailBackend"
        with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
            assert self.ask(client).status_code == 302
        assert "could not be sent" in caplog.text
