"""What a person waits for: logging in and adding channels."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ingestion import leases
from ingestion.errors import InputError
from ingestion.models import Account, AccountCall, Channel, SyncRun
from ingestion.services import accounts, channels, runs
from ingestion.services import calls as posting
from ingestion.services.calls import CallResult
from ingestion.sources.refs import Username
from sandbox.testing import SandboxProcess
from tests.ingestion.world import World

Asking = Callable[..., CallResult]


@pytest.fixture
def ask(world: World) -> Asking:
    """Posts a call and has it answered."""

    def ask(account: Account, kind: str, **arguments: Any) -> CallResult:
        call = posting.post(account=account, kind=kind, arguments=arguments)
        world.answer(call)
        account.refresh_from_db()
        return posting.result(call)

    return ask


def new_account(world: World, number: int) -> tuple[Account, dict[str, Any]]:
    person = world.sandbox.accounts[number]
    api_id, api_hash = world.sandbox.api
    Account.objects.filter(phone=f"+{person['phone']}").delete()
    account = accounts.create(
        workspace=world.workspace, phone=person["phone"], api_id=api_id, api_hash=api_hash
    )
    return account, person


def test_login_with_a_code(world: World, ask: Asking) -> None:
    account, person = new_account(world, 2)
    assert ask(account, "send_code").state == "answered"
    assert account.state == Account.State.CODE_SENT
    wrong = ask(account, "sign_in", code="00000")
    assert (wrong.state, wrong.error_code) == ("failed", "PHONE_CODE_INVALID")
    assert "code" in wrong.error
    assert account.state == Account.State.CODE_SENT
    assert ask(account, "sign_in", code=person["code"]).state == "answered"
    assert account.state == Account.State.READY
    assert account.user_id == person["user_id"]


def test_login_with_a_two_step_password(world: World, ask: Asking) -> None:
    account, person = new_account(world, 1)
    ask(account, "send_code")
    assert ask(account, "sign_in", code=person["code"]).answer["password_needed"]
    assert account.state == Account.State.PASSWORD_NEEDED
    wrong = ask(account, "check_password", password="guessed")
    assert wrong.error_code == "PASSWORD_HASH_INVALID"
    assert ask(account, "check_password", password=person["password"]).state == "answered"
    assert account.state == Account.State.READY
    assert account.phone_code_hash is None


def test_a_code_is_sent_again_by_the_next_way(world: World, ask: Asking) -> None:
    account, person = new_account(world, 2)
    assert ask(account, "resend_code").error_code == "NO_CODE_SENT"
    first = ask(account, "send_code").answer
    assert (first["sent_by"], first["next_by"]) == ("app", "sms")
    assert (account.code_sent_by, account.code_next_by) == ("app", "sms")
    assert account.code_again_at
    old_hash = account.phone_code_hash
    assert ask(account, "resend_code").answer["sent_by"] == "sms"
    assert account.phone_code_hash != old_hash
    last = ask(account, "resend_code").answer
    assert last == {"sent_by": "call", "length": 5, "next_by": "", "wait": None}
    account.refresh_from_db()
    assert not account.code_next_by
    assert not account.code_again_at
    over = ask(account, "resend_code")
    assert over.error_code == "SEND_CODE_UNAVAILABLE"
    assert "no further way" in over.error
    assert account.state == Account.State.CODE_SENT
    assert ask(account, "sign_in", code=person["code"]).state == "answered"


def test_a_code_that_is_too_old_is_not_sent_again(world: World, ask: Asking) -> None:
    account, _ = new_account(world, 2)
    ask(account, "send_code")
    world.sandbox.control("expire_codes")
    assert ask(account, "resend_code").error_code == "PHONE_CODE_EXPIRED"


def test_an_expired_code_and_a_flood_are_told_with_what_to_do(world: World, ask: Asking) -> None:
    account, person = new_account(world, 2)
    ask(account, "send_code")
    world.sandbox.control("expire_codes")
    expired = ask(account, "sign_in", code=person["code"])
    assert expired.error_code == "PHONE_CODE_EXPIRED"
    assert "new code" in expired.error
    world.sandbox.fault("flood_wait", "auth.sendCode", seconds=3600)
    flood = ask(account, "send_code")
    assert flood.error_code == "FLOOD_WAIT"
    assert "wait 1 h before" in flood.error


def test_a_banned_number_is_told_so(world: World, ask: Asking) -> None:
    account, _ = new_account(world, 3)
    result = ask(account, "send_code")
    assert result.error_code == "PHONE_NUMBER_BANNED"
    assert "banned" in result.error


def test_a_wrong_application_is_told_so(world: World, ask: Asking) -> None:
    account, _ = new_account(world, 2)
    Account.objects.filter(pk=account.pk).update(api_hash="not-it")
    result = ask(account, "send_code")
    assert result.error_code == "API_ID_INVALID"
    assert "my.telegram.org" in result.error


def test_a_new_code_does_not_end_the_login_that_is(world: World) -> None:
    with pytest.raises(InputError, match="already connected"):
        posting.post(account=world.account, kind="send_code")


def test_numbers_are_taken_in_any_script(world: World) -> None:
    account = accounts.create(
        workspace=world.workspace, phone="+٩٩٩ ۶۶² 10-00-99", api_id=1, api_hash="0" * 32
    )
    assert account.phone == "+99966100099"


def test_logging_out_forgets_the_session(world: World, ask: Asking) -> None:
    world.account.refresh_from_db()
    assert ask(world.account, "log_out").state == "answered"
    assert world.account.state == Account.State.DISCONNECTED
    assert world.account.session is None


def test_arguments_are_encrypted_and_wiped(world: World) -> None:
    call = posting.post(
        account=world.account, kind="check_password", arguments={"password": "pa55word"}
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT arguments FROM ingestion_accountcall WHERE id = %s", [call.pk])
        assert b"pa55word" not in bytes(cursor.fetchone()[0])
    world.answer(call)
    call.refresh_from_db()
    assert call.arguments is None


def test_nobody_waits_for_more_than_a_minute(world: World) -> None:
    call = posting.post(account=world.account, kind="log_out")
    AccountCall.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    assert posting.result(call).state == "void"
    world.answer(call)
    assert posting.result(call).state == "void"


def test_a_call_for_a_held_account_is_left_to_its_holder(world: World) -> None:
    token = leases.acquire(world.account.pk)
    assert token
    call = posting.post(account=world.account, kind="add_channel", arguments={"ref": "channel_1"})
    world.answer(call)
    assert posting.result(call).state == "waiting"
    leases.release(world.account.pk, token)


def test_the_holder_answers_between_two_pages(world: World) -> None:
    channel = world.add("channel_1")
    world.sandbox.pace(delay=0.3)
    runs.request_sync(channel=channel)
    worker = threading.Thread(target=world.work_and_close)
    worker.start()
    try:
        wait_until_running()
        call = posting.post(
            account=world.account, kind="add_channel", arguments={"ref": "channel_2"}
        )
        while (result := posting.result(call)).state == "waiting":
            threading.Event().wait(0.05)
        assert result.state == "answered"
        assert SyncRun.objects.filter(state=SyncRun.State.RUNNING).exists()
    finally:
        world.sandbox.pace()
        worker.join(30)


def wait_until_running() -> None:
    while not SyncRun.objects.filter(kind="backfill", state=SyncRun.State.RUNNING).exists():
        threading.Event().wait(0.02)


def test_a_channel_that_is_there_is_not_asked_for(world: World) -> None:
    world.add("channel_1")
    with pytest.raises(InputError, match="already in this workspace"):
        channels.check_new(workspace=world.workspace, text="https://t.me/Channel_1")


def test_a_removed_channel_comes_back_with_its_messages(world: World) -> None:
    channel = world.add("channel_1")
    world.sync(channel)
    archived = channel.messages.count()
    assert channels.remove(channel=channel) == 0
    since = world.sandbox.last_request()
    assert world.add("channel_1") == channel
    assert not world.sandbox.requests(since, method="contacts.resolveUsername")
    assert channel.messages.count() == archived


def test_a_channel_removed_with_its_messages_starts_anew(world: World) -> None:
    channel = world.add("channel_1")
    world.sync(channel)
    archived = channel.messages.count()
    assert channels.remove(channel=channel, delete_messages=True) == archived
    assert not channel.messages.exists()
    channel = world.add("channel_1")
    world.sync(channel)
    assert channel.messages.count() == archived
    assert not world.report(channel).gaps


def test_what_is_deleted_stays_deleted_when_a_sync_was_under_way(world: World) -> None:
    channel = world.add("channel_1")
    world.sandbox.pace(delay=0.3)
    runs.request_sync(channel=channel)
    worker = threading.Thread(target=world.work_and_close)
    worker.start()
    try:
        while not channel.messages.exists():
            threading.Event().wait(0.02)
        wait_until_running()
        channels.remove(channel=channel, delete_messages=True)
    finally:
        worker.join()
    assert not channel.messages.exists()
    assert not world.report(channel).covered
    assert not SyncRun.objects.filter(state__in=SyncRun.ACTIVE).exists()


def test_a_channel_whose_account_was_forgotten_is_added_with_another(world: World) -> None:
    channel = world.add("channel_1")
    world.account.delete()
    other = world.with_account(world.second_account())
    assert channels.check_new(workspace=world.workspace, text="channel_1") == Username("channel_1")
    assert other.add("channel_1") == channel
    assert runs.account_for(channel) == other.account


def test_a_channel_that_is_switched_off_starts_nothing(world: World) -> None:
    channel = world.add("channel_1")
    channels.set_enabled(channel=channel, enabled=False)
    with pytest.raises(InputError, match="switched off"):
        runs.request_sync(channel=channel)
    channels.set_enabled(channel=channel, enabled=True)
    runs.request_sync(channel=channel)
    channels.set_enabled(channel=channel, enabled=False)
    assert set(SyncRun.objects.values_list("state", flat=True)) == {SyncRun.State.CANCELLED}


def test_two_workspaces_archive_the_same_channel(
    sandbox: SandboxProcess, connect_to: Callable[[SandboxProcess], World]
) -> None:
    first, second = connect_to(sandbox), connect_to(sandbox)
    ours, theirs = first.add("channel_1"), second.add("channel_1")
    assert ours != theirs
    assert Channel.objects.filter(peer_id=ours.peer_id).count() == 2
