"""Files come through another account when Telegram refuses one of them the channel."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingestion.models import Account, Channel, ChannelAccess, MediaLine
from ingestion.services import media
from sandbox.testing import SandboxProcess
from tests.ingestion.media.library import Library
from tests.ingestion.media.test_faults import GET, whole
from tests.ingestion.world import World

pytestmark = pytest.mark.slow

MESSAGES = "channels.getMessages"


@pytest.fixture
def second(library: Library) -> Account:
    """Another account of the workspace, which knows nothing of the first one's channels."""
    return library.world.second_account()


def phone(account: Account) -> str:
    return account.phone.lstrip("+")


def askers(library: Library, since: int, method: str = GET) -> list[str]:
    return [entry["account"] for entry in library.requests(since, method)]


def state_of(account: Account) -> str:
    return Account.objects.get(pk=account.pk).state


def test_who_was_thrown_out_is_replaced_and_remembered(
    library: Library, channel: Channel, second: Account
) -> None:
    first = library.world.account
    library.sandbox.fault("channel_private", MESSAGES, account=phone(first))
    since = library.sandbox.last_request()
    library.fetch(channel, 1)
    assert whole(library, channel, 1)
    assert set(askers(library, since)) == {phone(second)}
    line = library.line(channel)
    assert (line.account, line.state, line.error_code) == (second, "idle", "")
    access = ChannelAccess.objects.get(channel=channel, account=first)
    assert (access.state, access.error_code) == ("kicked", "CHANNEL_PRIVATE")
    # The next file is asked for through the second one from the start.
    since = library.sandbox.last_request()
    library.fetch(channel, 5)
    assert whole(library, channel, 5)
    assert set(askers(library, since, MESSAGES)) == {phone(second)}


def test_what_came_of_a_file_stays_when_another_one_goes_on(
    library: Library, channel: Channel, second: Account
) -> None:
    first = library.world.account
    library.sandbox.fault("file_reference_expired", GET, skip=4)
    library.sandbox.fault("channel_private", MESSAGES, skip=1, account=phone(first))
    since = library.sandbox.last_request()
    library.fetch(channel, 2)
    assert whole(library, channel, 2)
    assert library.line(channel).account == second
    asked = askers(library, since)
    assert set(asked) == {phone(first), phone(second)}
    # The first parts did not come again: the second asked for fewer than there are.
    parts = 3_300_000 // (512 * 1024) + 1
    assert asked.count(phone(second)) < parts


def test_a_banned_account_is_replaced(library: Library, channel: Channel, second: Account) -> None:
    first = library.world.account
    library.sandbox.fault("user_deactivated_ban", GET, account=phone(first), code=401)
    library.fetch(channel, 9)
    assert whole(library, channel, 9)
    assert state_of(first) == Account.State.LOST
    assert library.line(channel).account == second


def test_without_another_one_downloads_rest_and_say_why(library: Library, channel: Channel) -> None:
    library.sandbox.fault("channel_private", MESSAGES, count=None)
    medium = library.fetch(channel, 1)
    line = library.line(channel)
    assert (line.state, line.error_code) == ("paused", "CHANNEL_PRIVATE")
    assert medium.state == "pending", "it is not the file's fault"


def test_when_nobody_may_read_it_the_last_refusal_stays(
    library: Library, channel: Channel, second: Account
) -> None:
    library.sandbox.fault("channel_private", MESSAGES, count=None)
    since = library.sandbox.last_request()
    library.fetch(channel, 1)
    assert library.line(channel).error_code == "CHANNEL_PRIVATE"
    assert len(askers(library, since, MESSAGES)) == 2


def test_downloads_do_not_begin_with_who_was_refused_before(
    library: Library, channel: Channel, second: Account
) -> None:
    first = library.world.account
    library.fetch(channel, 1)
    assert library.line(channel).account == first
    ChannelAccess.objects.filter(channel=channel, account=first).update(
        state=ChannelAccess.State.KICKED
    )
    since = library.sandbox.last_request()
    library.fetch(channel, 5)
    assert set(askers(library, since)) == {phone(second)}


GROUP = 4_000_222
GROUP_WORLD: dict[str, Any] = {
    "accounts": [
        {"user_id": 81, "phone": "16661", "code": "12", "first_name": "In It"},
        {"user_id": 82, "phone": "16662", "code": "12", "first_name": "Outside"},
    ],
    "apps": [{"api_id": 5, "api_hash": "five"}],
    "channels": [
        {
            "id": GROUP,
            "title": "Allotment",
            "kind": "basic_group",
            "members": [81],
            "top_id": 7,
            "messages": [
                {
                    "id": 7,
                    "date": 1_710_000_000,
                    "media": {"kind": "photo", "id": 77, "width": 800, "height": 600},
                }
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def allotment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    directory = tmp_path_factory.mktemp("sb")
    (directory / "world.json").write_text(json.dumps(GROUP_WORLD), encoding="utf-8")
    with SandboxProcess(directory / "data", world=directory / "world.json") as sandbox:
        yield sandbox


def test_files_of_a_basic_group_come_through_its_own_account_and_no_other(
    library: Library,
    allotment: SandboxProcess,
    connect_to: Callable[[SandboxProcess], World],
) -> None:
    # The ids of its messages are the account's: https://core.telegram.org/method/messages.getMessages
    world = connect_to(allotment)
    group = Library(world)
    Account.objects.filter(pk=world.account.pk).update(user_id=81)
    world.account.refresh_from_db()
    world.second_account()
    channel = world.add(str(-GROUP))
    world.sync(channel)
    asked = "messages.getMessages"
    allotment.fault("channel_private", asked)
    group.fetch(channel, 7)
    line = group.line(channel)
    assert (line.state, line.error_code, line.account) == (
        "paused",
        "CHANNEL_PRIVATE",
        world.account,
    )
    since = allotment.last_request()
    ChannelAccess.objects.update(state=ChannelAccess.State.OK)
    assert media.resume(channel=channel)
    group.download()
    medium = group.medium(channel, 7)
    assert medium.file
    assert medium.file.sha256 == allotment.file(-GROUP, 7)["sha256"]
    assert set(askers(group, since)) == {"16661"}
    assert MediaLine.objects.get(pk=channel.pk).state == "idle"
