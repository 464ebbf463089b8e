"""Keys of other data centres are kept: files are at home in any of them.

https://core.telegram.org/api/auth#exporting-and-importing-authorization
"""

import logging
from typing import Any

import pytest
from django.db import connection

from ingestion.models import Account, AccountBudget, AccountKey, Channel, FloodWait
from ingestion.services import accounts
from ingestion.services import calls as posting
from tests.ingestion.media.library import Library
from tests.ingestion.media.test_faults import GET, soon, whole

pytestmark = pytest.mark.slow

EXPORT = "auth.exportAuthorization"
#: The data centre that has the video, and is not the account's own.
FAR = 4
VIDEO = 2


def logins(library: Library, since: int) -> int:
    return len(library.requests(since, EXPORT))


def phone(account: Account) -> str:
    return account.phone.lstrip("+")


def begin_video(library: Library, channel: Channel) -> None:
    """One slice, which Telegram ends in the middle of the file."""
    library.sandbox.fault("flood_wait", GET, seconds=30, skip=3)
    library.fetch(channel, VIDEO)
    assert library.medium(channel, VIDEO).state == "pending"


def wait_is_over(channel: Channel) -> None:
    """And what the account's pace learned from it is forgotten."""
    FloodWait.objects.all().delete()
    AccountBudget.objects.all().delete()
    soon(channel)


def finish_video(library: Library, channel: Channel) -> None:
    wait_is_over(channel)
    library.download()
    assert whole(library, channel, VIDEO)


def test_two_slices_log_in_to_a_data_centre_once(library: Library, channel: Channel) -> None:
    since = library.sandbox.last_request()
    begin_video(library, channel)
    row = AccountKey.objects.get()
    assert (row.account, row.dc_id) == (library.world.account, FAR)
    finish_video(library, channel)
    assert logins(library, since) == 1
    assert AccountKey.objects.get().key == row.key


@pytest.mark.parametrize("forget", [False, True], ids=["whose it is", "the key itself"])
def test_what_a_data_centre_forgot_is_replaced(
    library: Library, channel: Channel, forget: bool
) -> None:
    # AUTH_KEY_UNREGISTERED (https://core.telegram.org/api/errors#401-unauthorized), and -404
    # (https://core.telegram.org/mtproto/mtproto-transports#transport-errors)
    since = library.sandbox.last_request()
    begin_video(library, channel)
    before = AccountKey.objects.get().key
    account = library.world.account
    library.sandbox.control("revoke", phone=phone(account), dc=FAR, forget=forget)
    finish_video(library, channel)
    assert logins(library, since) == 2
    assert AccountKey.objects.get().key != before
    account.refresh_from_db()
    assert account.state == Account.State.READY, "its own data centre still knows it"


def test_one_that_is_forgotten_in_the_middle_costs_no_file(
    library: Library, channel: Channel
) -> None:
    library.sandbox.fault("auth_key_unregistered", GET, skip=3, code=401)
    since = library.sandbox.last_request()
    library.fetch(channel, VIDEO)
    assert whole(library, channel, VIDEO)
    assert logins(library, since) == 2


def test_a_login_that_ended_everywhere_is_lost(library: Library, channel: Channel) -> None:
    begin_video(library, channel)
    wait_is_over(channel)
    account = library.world.account
    library.sandbox.control("revoke", phone=phone(account))
    library.download()
    account.refresh_from_db()
    assert (account.state, account.error_code) == (Account.State.LOST, "AUTH_KEY_UNREGISTERED")


def test_it_ends_with_the_session_that_it_was_made_under(
    library: Library, channel: Channel
) -> None:
    begin_video(library, channel)
    account = library.world.account
    account.label = "Reader"
    account.save()
    assert AccountKey.objects.exists()
    session = library.sandbox.session_string(phone(account))
    # Also when it is changed behind the model's back: the next slice does not use it.
    Account.objects.update(session=session)
    since = library.sandbox.last_request()
    finish_video(library, channel)
    assert logins(library, since) == 1
    account.session = library.sandbox.session_string(phone(account))
    account.save(update_fields=["session"])
    assert not AccountKey.objects.exists()


@pytest.mark.parametrize("how", ["disconnect", "delete"])
def test_it_goes_with_the_account(library: Library, channel: Channel, how: str) -> None:
    begin_video(library, channel)
    account = library.world.account
    if how == "disconnect":
        library.world.answer(posting.post(account=account, kind="log_out"))
    else:
        accounts.delete(account=account)
    assert not AccountKey.objects.exists()


def test_nobody_gets_to_see_it(
    library: Library, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    library.fetch(channel, VIDEO)
    row = AccountKey.objects.get()
    key = bytes.fromhex(row.key)
    assert len(key) == 256
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM ingestion_accountkey")
        stored = bytes(cursor.fetchone()[0])
    assert key not in stored
    assert row.key.encode() not in stored
    said: list[Any] = [caplog.text, str(row), repr(row)]
    for text in said:
        assert row.key[:32] not in text
        assert repr(key[:16])[2:-1] not in text
