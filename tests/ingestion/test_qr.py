"""Logging in by a QR code that a phone scans (https://core.telegram.org/api/qr-login)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from ingestion.models import Account, AccountCall, QrCode
from ingestion.services import accounts
from ingestion.services import calls as posting
from ingestion.services.calls import CallResult
from tests.ingestion.world import World

pytestmark = pytest.mark.slow

PLAIN, GUARDED = 2, 1


def wait_for(found: Callable[[], Any]) -> Any:
    until = time.monotonic() + 30
    while not (value := found()):
        assert time.monotonic() < until, "nothing came"
        threading.Event().wait(0.05)
    return value


@pytest.fixture(autouse=True)
def _as_new(world: World) -> Iterator[None]:
    yield
    world.sandbox.control("home", phone=world.sandbox.accounts[PLAIN]["phone"])
    world.sandbox.control("login_tokens", seconds=30)


@pytest.fixture
def account(world: World) -> Account:
    """One of whom nothing is known yet."""
    api_id, api_hash = world.sandbox.api
    return accounts.create(workspace=world.workspace, phone="", api_id=api_id, api_hash=api_hash)


@contextmanager
def showing(world: World, account: Account) -> Iterator[AccountCall]:
    """The call that a page posts, answered beside."""
    call = posting.post(account=account, kind="show_qr")

    def work() -> None:
        try:
            world.answer(call)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield call
    finally:
        worker.join(30)


def code_of(account: Account) -> QrCode:
    found: QrCode = wait_for(lambda: QrCode.objects.filter(account=account).first())
    return found


def scan(world: World, account: Account, number: int) -> None:
    phone = world.sandbox.accounts[number]["phone"]
    world.sandbox.control("accept_login_token", phone=phone, url=code_of(account).url)


def log_in(world: World, account: Account, number: int) -> CallResult:
    with showing(world, account) as call:
        scan(world, account, number)
    account.refresh_from_db()
    return posting.result(call)


def test_a_phone_scans_the_code(world: World, account: Account) -> None:
    person = world.sandbox.accounts[PLAIN]
    result = log_in(world, account, PLAIN)
    assert result.state == "answered", result.error
    assert account.state == Account.State.READY
    assert (account.user_id, account.phone) == (person["user_id"], f"+{person['phone']}")
    assert not QrCode.objects.exists()
    assert world.with_account(account).add("channel_1").title


def test_then_the_two_step_password(world: World, account: Account) -> None:
    person = world.sandbox.accounts[GUARDED]
    assert log_in(world, account, GUARDED).answer["password_needed"]
    assert account.state == Account.State.PASSWORD_NEEDED
    assert account.password_hint == "a place by the sea"
    call = posting.post(
        account=account, kind="check_password", arguments={"password": person["password"]}
    )
    world.answer(call)
    account.refresh_from_db()
    assert (account.state, account.user_id) == (Account.State.READY, person["user_id"])


def test_an_account_of_another_data_centre(world: World, account: Account) -> None:
    # auth.loginTokenMigrateTo: the token is imported there, under a key of its own
    world.sandbox.control("home", phone=world.sandbox.accounts[PLAIN]["phone"], dc=4)
    since = world.sandbox.last_request()
    result = log_in(world, account, PLAIN)
    assert result.state == "answered", result.error
    asked = [(one["method"], one["dc"]) for one in world.sandbox.requests(since)]
    assert ("auth.importLoginToken", 4) in asked
    since = world.sandbox.last_request()
    assert world.with_account(account).add("channel_1").title
    (asked_there,) = world.sandbox.requests(since, method="contacts.resolveUsername")
    assert asked_there["dc"] == 4


def test_a_number_of_another_data_centre(world: World) -> None:
    # PHONE_MIGRATE_X: https://core.telegram.org/api/datacenter#user-migration
    person = world.sandbox.accounts[PLAIN]
    world.sandbox.control("home", phone=person["phone"], dc=4)
    api_id, api_hash = world.sandbox.api
    account = accounts.create(
        workspace=world.workspace, phone=person["phone"], api_id=api_id, api_hash=api_hash
    )
    for kind, arguments in (("send_code", {}), ("sign_in", {"code": person["code"]})):
        account.refresh_from_db()
        call = posting.post(account=account, kind=kind, arguments=arguments)
        world.answer(call)
        assert posting.result(call).state == "answered", posting.result(call).error
    account.refresh_from_db()
    assert world.with_account(account).add("channel_1").title


def test_the_code_is_renewed_before_it_expires(world: World, account: Account) -> None:
    world.sandbox.control("login_tokens", seconds=2)
    with showing(world, account):
        first = code_of(account).url
        wait_for(lambda: code_of(account).url != first)
        scan(world, account, PLAIN)
    account.refresh_from_db()
    assert account.state == Account.State.READY


def test_it_gives_way_to_whoever_waits_for_another_account(world: World, account: Account) -> None:
    with showing(world, account) as call:
        code_of(account)
        other = posting.post(
            account=world.account, kind="add_channel", arguments={"ref": "channel_1"}
        )
        wait_for(lambda: posting.result(call).state != "waiting")
    assert posting.result(call).answer == {"shown": True}
    world.answer(other)
    assert posting.result(other).state == "answered"
    # the next call shows the same code: the phone may be on it
    shown = code_of(account).url
    with showing(world, account):
        wait_for(lambda: AccountCall.objects.filter(state="claimed").exists())
        assert code_of(account).url == shown
        scan(world, account, PLAIN)


def test_who_is_here_already_is_told_so_and_logged_out(world: World, account: Account) -> None:
    Account.objects.filter(pk=world.account.pk).update(user_id=world.sandbox.accounts[0]["user_id"])
    result = log_in(world, account, 0)
    assert result.error_code == "DUPLICATE"
    assert (account.state, account.session) == (Account.State.NEW, None)
    assert world.sandbox.requests(method="auth.logOut")


def test_the_address_is_encrypted(world: World, account: Account) -> None:
    with showing(world, account):
        url = code_of(account).url
        with connection.cursor() as cursor:
            cursor.execute("SELECT url FROM ingestion_qrcode")
            assert url.encode() not in bytes(cursor.fetchone()[0])
        scan(world, account, PLAIN)
