"""What every answer carries, who gets into the admin, and what guessing passwords leads to."""

import re

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tgadmin.middleware import CONTENT_SECURITY_POLICY

PASSWORD = "correct horse battery staple"


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client()
    client.force_login(
        get_user_model().objects.create_superuser(username="root", password=PASSWORD)
    )
    return client


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(
        get_user_model().objects.create_user(username="staff", password=PASSWORD, is_staff=True)
    )
    return client


@pytest.mark.parametrize("path", ["/healthz", "/nowhere/", "/admin/login/"])
def test_every_answer_has_the_headers(client: Client, db: None, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert "default-src 'self'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_cookies_are_out_of_reach_of_scripts_and_other_sites() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


class TestAdmin:
    def test_superusers_get_in(self, superuser: Client) -> None:
        assert superuser.get("/admin/").status_code == 200

    def test_staff_do_not(self, staff: Client) -> None:
        assert staff.get("/admin/").status_code == 302

    def test_no_page_has_inline_scripts_or_styles(self, superuser: Client) -> None:
        """They would not work: the policy forbids them."""
        user = get_user_model().objects.get()
        model = f"admin:{user._meta.app_label}_{user._meta.model_name}"
        pages = ["/admin/"]
        if user._meta.app_label in superuser.get("/admin/").content.decode():
            pages += [reverse(f"{model}_changelist"), reverse(f"{model}_change", args=[user.pk])]
        for page in pages:
            text = superuser.get(page).content.decode()
            assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))[^>]*>", text)
            assert not re.search(r"<style|\sstyle=|\son(click|load|change)=", text)


@pytest.mark.usefixtures("valkey")
class TestQueuePages:
    PAGES = (
        "admin:django_rq_home",
        "admin:django_rq_home_json",
        "admin:django_rq_jobs",
        "admin:django_rq_failed_jobs",
        "admin:django_rq_workers",
    )

    @pytest.mark.parametrize("name", PAGES)
    def test_superusers_see_them_and_staff_do_not(
        self, superuser: Client, staff: Client, name: str
    ) -> None:
        address = reverse(name, args=[] if "home" in name else [0])
        assert superuser.get(address).status_code == 200
        assert staff.get(address).status_code == 302

    def test_no_inline_script(self, superuser: Client) -> None:
        text = superuser.get(reverse("admin:django_rq_jobs", args=[0])).content.decode()
        assert "actions.js" in text
        assert not re.search(r"<script(?![^>]*\bsrc)[^>]*>", text)

    def test_the_short_address_leads_there(self, superuser: Client) -> None:
        answer = superuser.get("/django-rq/")
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:django_rq_home"))


@pytest.mark.django_db
class TestGuessing:
    def _try(self, name: str, password: str, address: str = "192.0.2.1") -> int:
        answer = Client(REMOTE_ADDR=address).post(
            "/admin/login/?next=/admin/", {"username": name, "password": password}
        )
        return answer.status_code

    def test_five_failures_lock_the_name_for_that_address(self) -> None:
        get_user_model().objects.create_superuser(username="root", password=PASSWORD)
        assert [self._try("root", "wrong") for _ in range(5)] == [200, 200, 200, 200, 429]
        assert self._try("root", PASSWORD) == 429
        assert self._try("root", PASSWORD, "192.0.2.2") == 302

    def test_a_forwarded_address_is_not_believed(self) -> None:
        get_user_model().objects.create_superuser(username="root", password=PASSWORD)
        codes = [
            Client(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
            .post("/admin/login/", {"username": "root", "password": "wrong"})
            .status_code
            for n in range(5)
        ]
        assert codes[-1] == 429
