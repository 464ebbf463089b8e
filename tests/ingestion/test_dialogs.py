"""The list of what an account is in: renewed, searched, taken away as a file."""

import csv
import io
import json

import pytest
from django.utils import timezone

from ingestion.models import Account, Dialog
from ingestion.services import calls as posting
from ingestion.services import dialogs
from tests.factories import make_channel
from tests.ingestion.world import World


def renew(world: World) -> None:
    call = posting.post(account=world.account, kind="dialogs")
    world.answer(call)
    assert posting.result(call).state == "answered"


@pytest.fixture
def listed(account: Account) -> Account:
    """An account with a list that nobody has to ask for."""
    rows = [
        (-1_000_900_000_001, "Harbour News", "harbour_news", "broadcast"),
        (-1_000_900_000_002, "=cmd|'/c calc'!A0", "", "supergroup"),
        (-1_000_900_000_003, "Новости Севера", "sever", "broadcast"),
    ]
    for position, (peer_id, title, username, kind) in enumerate(rows):
        Dialog.objects.create(
            account=account,
            peer_id=peer_id,
            access_hash=2**62 + position,
            kind=kind,
            title=title,
            username=username,
            is_private=not username,
            position=position,
            seen_at=timezone.now(),
        )
    return account


def test_what_an_account_left_is_not_in_its_list_any_more(world: World) -> None:
    renew(world)
    before = set(Dialog.objects.values_list("peer_id", flat=True))
    assert before == {card["id"] for card in world.sandbox.status()["channels"]}
    gone = world.sandbox.truth("channel_2")["id"]
    world.sandbox.control("channel", channel="channel_1", title="Renamed")
    world.sandbox.control("member", channel=gone, phone=world.account.phone, joined=False)
    try:
        renew(world)
        assert set(Dialog.objects.values_list("peer_id", flat=True)) == before - {gone}
        assert Dialog.objects.filter(title="Renamed").exists()
    finally:
        world.sandbox.control("member", channel=gone, phone=world.account.phone)


def test_the_list_is_searched_by_title_and_name(listed: Account) -> None:
    def found(text: str) -> list[int]:
        return [-dialog.peer_id % 10 for dialog in dialogs.search(account=listed, text=text)]

    assert found("") == [1, 2, 3]
    assert found("harbour") == [1]
    assert found(" @SEVER ") == [3]
    assert found("новости") == [3]
    assert found("nothing of it") == []


def test_the_list_tells_what_the_workspace_has(listed: Account) -> None:
    here = make_channel(listed.workspace, peer_id=-1_000_900_000_003)
    make_channel(listed.workspace, peer_id=-1_000_900_000_001, removed_at=timezone.now())
    make_channel(peer_id=-1_000_900_000_002)
    found = dialogs.search(account=listed)
    assert [dialog.channel for dialog in found] == [None, None, here.pk]


def test_the_list_as_csv(listed: Account) -> None:
    data = b"".join(dialogs.export_csv(account=listed))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["title"] for row in rows] == [
        "Harbour News",
        "'=cmd|'/c calc'!A0",
        "Новости Севера",
    ]
    assert rows[0] == {
        "id": "-1000900000001",
        "username": "harbour_news",
        "type": "broadcast",
        "title": "Harbour News",
        "access_hash": str(2**62),
    }


def test_the_list_as_json(listed: Account) -> None:
    rows = json.loads(b"".join(dialogs.export_json(account=listed)))
    assert len(rows) == 3
    assert rows[1] == {
        "id": -1_000_900_000_002,
        "username": "",
        "type": "supergroup",
        "title": "=cmd|'/c calc'!A0",
        "access_hash": str(2**62 + 1),
    }


def test_an_empty_list_is_a_whole_file(account: Account) -> None:
    assert json.loads(b"".join(dialogs.export_json(account=account))) == []
    assert b"".join(dialogs.export_csv(account=account)).decode("utf-8-sig").strip() == (
        "id,username,type,title,access_hash"
    )
