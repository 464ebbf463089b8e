"""What went wrong in a worker is said to each reader in their own language."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from archive.exports import work
from archive.models import Export
from ingestion import runs, scheduler
from ingestion.calls import answering
from ingestion.errors import AccountError, FloodWait, IngestionError
from ingestion.models import AccountCall, AddingLine, SyncRun
from ingestion.records import Page as RecordsPage
from ingestion.records import Unparsed
from ingestion.services import adding, calls
from ingestion.sources.mtproto.sentences import CODES
from ingestion.sources.mtproto.wire import UnreadableAnswerError
from ingestion.sources.unmappable import unmappable
from ingestion.writer import Batch, write
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


@pytest.fixture
def page(world: World, client_of: ClientOf) -> Callable[[str, str], str]:
    """An address as the owner reads it in a language."""

    def read(address: str, language: str) -> str:
        world.people["owner"].language = language
        world.people["owner"].save()
        answer = client_of("owner").get(address)
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return read


Page = Callable[[str, str], str]


def fails(run: SyncRun, error: IngestionError) -> None:
    """As the worker that did it writes it down."""
    assert translation.get_language() == "en"
    run.refresh_from_db()
    assert run.lease_token
    assert runs.end_with(run, run.lease_token, error)


def test_a_run_says_why_it_waits(world: World, page: Page) -> None:
    SyncRun.objects.filter(pk=world.run.pk).update(lease_token="0" * 32)
    fails(world.run, FloodWait(seconds=4980, method="messages.getHistory"))
    address = f"/runs/{world.run.pk}/"
    english = "Telegram asked this account to wait 1 h 23 min before the next messages.getHistory"
    assert page(address, "en").count(english) == 2  # the run's, and its history's
    russian = "Telegram попросил этот аккаунт подождать 1\xa0ч 23\xa0мин до следующего запроса"
    assert page(address, "ru").count(russian) == 2
    assert english not in page(address, "ru")
    assert page("/runs/", "ru").count(russian) <= 1


def test_a_run_whose_worker_dies_says_so_in_the_list_too(world: World, page: Page) -> None:
    SyncRun.objects.filter(pk=world.run.pk).update(
        state="interrupted", attempts=scheduler.MOST_INTERRUPTIONS
    )
    scheduler.claim_due()
    russian = "Обработчик этого запуска раз за разом завершался, ничего не сделав."
    assert russian in page(f"/runs/{world.run.pk}/", "ru")
    assert russian in page("/", "ru")
    assert "The worker of this run died again and again" in page("/", "en")


def test_an_account_says_why_it_was_lost(world: World, page: Page) -> None:
    error = CODES["SESSION_REVOKED"].error("SESSION_REVOKED")
    assert isinstance(error, AccountError)
    runs.note_account_error(world.account.pk, error)
    for address in ("/", f"/accounts/{world.account.pk}/"):
        assert "This login was ended in a Telegram app" in page(address, "en")
        assert "Этот вход завершён в приложении Telegram" in page(address, "ru")


def test_a_line_that_was_refused_says_why(world: World, page: Page) -> None:
    made = adding.start(account=world.account, text="not a name\n@fine_name", user=None)
    adding.advance()
    call = AccountCall.objects.get(kind="preview", requested_by=None, state="pending")
    unknown = CODES["USERNAME_NOT_OCCUPIED"].error("USERNAME_NOT_OCCUPIED")
    answering._fail(call.pk, unknown)
    address = f"/channels/add/{made.pk}/"
    english, russian = page(address, "en"), page(address, "ru")
    assert "“not a name” is no name of a channel" in english
    assert "There is no channel with this name on Telegram." in english
    assert "«not a name» — не имя канала" in russian
    assert "Канала с этим именем в Telegram нет." in russian
    assert AddingLine.objects.get(adding=made, position=0).error.sentences[0].values == {
        "ref": "not a name"
    }


def test_a_record_that_could_not_be_read_says_why(world: World, page: Page) -> None:
    channel = world.channel
    batch = Batch(channel.pk, "desktop")
    unread = [Unparsed(46_200, unmappable(KeyError("date")).told, b"{}")]
    batch.add(RecordsPage([], unread, low=46_200, high=46_200, proves_absence=False))
    assert write(batch).quarantined == 1
    assert write(batch).quarantined == 0
    for address in ("/", f"/channels/{channel.pk}/"):
        assert "A message could not be read: KeyError: 'date'." in page(address, "en")
        assert "Сообщение не удалось прочитать: KeyError: 'date'." in page(address, "ru")


def test_what_telegram_sent_and_nobody_could_read_says_so(world: World, page: Page) -> None:
    batch = Batch(world.channel.pk, "mtproto")
    unreadable = UnreadableAnswerError(b"x", TypeError("odd Remaining bytes: 78"))
    unread = [Unparsed(46_200, unreadable.reason, b"x")]
    batch.add(RecordsPage([], unread, low=46_200, high=46_200, proves_absence=True))
    write(batch)
    assert "Telegram's answer could not be read: TypeError: odd." in page("/", "en")
    assert "Ответ Telegram не удалось прочитать: TypeError: odd." in page("/", "ru")


def test_a_call_that_nobody_answered_says_so(world: World) -> None:
    AccountCall.objects.filter(pk=world.call.pk).update(state="void")
    world.call.refresh_from_db()
    with translation.override("ru"):
        assert str(calls.told(world.call).error) == (
            "Telegram не ответил за минуту. Посмотрите, работает ли обработчик, и повторите."
        )


def test_an_export_says_why_it_failed(world: World, page: Page) -> None:
    Export.objects.filter(pk=world.export.pk).update(state="failed", error=work.GIVEN_UP)
    assert "столько раз: 5. Попытки прекращены." in page("/exports/", "ru")
    assert "lost the database 5 times while it wrote this export" in page("/exports/", "en")


def test_what_is_refused_at_once_is_said_in_the_language_of_the_page(
    world: World, client_of: ClientOf
) -> None:
    world.people["owner"].language = "ru"
    world.people["owner"].save()
    form = {"phone": "12", "api_id": "1", "api_hash": "a" * 32, "label": ""}
    answer = client_of("owner").post("/accounts/connect/", form)
    assert answer.status_code == 422
    assert "«12» — не номер телефона." in unescape(answer.content.decode())
    answer = client_of("owner").post(
        f"/channels/{world.channel.pk}/details/", {"tags": "x" * 60, "notes": ""}, follow=True
    )
    assert "Метка «xxxxxxxxxxxxxxxxxxxx…» слишком длинная." in unescape(answer.content.decode())
