"""`manage.py import` of Telegram Desktop's JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ingestion.importing.report import no_files
from ingestion.models import Channel, Coverage, Import, Message, MessageRaw, MessageRevision
from ingestion.writer import Batch, Outcome
from ingestion.writer import write as write_batch
from tests.ingestion.importing.running import run_import
from tests.ingestion.sources.desktop.writer import account, chat, message, write
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

OURS = -1_001_500_000_001


@pytest.fixture
def result(tmp_path: Path) -> Path:
    return write(tmp_path / "result.json", chat(message(number) for number in range(1, 21)))


def test_a_channel_that_is_only_imported_exists_without_account_and_access(
    workspace: Workspace, result: Path
) -> None:
    told = run_import(result)

    channel = Channel.objects.get(workspace=workspace)
    assert (channel.peer_id, channel.title, channel.top_id) == (OURS, "The Channel", 20)
    assert not channel.accesses.exists()
    assert told["channels"] == [
        {
            "id": channel.pk,
            "peer_id": OURS,
            "title": "The Channel",
            "read": 20,
            "new": 20,
            "changed": 0,
            "unchanged": 0,
            "skipped": 0,
            "errors": 0,
            "why": {},
            "files": no_files(),
        }
    ]
    covered = Coverage.objects.get(channel=channel)
    assert (covered.source, len(covered.ranges)) == ("desktop", 20)
    assert set(MessageRaw.objects.values_list("source", flat=True)) == {"desktop"}


def test_importing_again_changes_nothing(workspace: Workspace, result: Path) -> None:
    run_import(result)
    row = run_import(result)["channels"][0]

    assert (row["read"], row["new"], row["changed"], row["unchanged"]) == (20, 0, 0, 20)
    assert not MessageRevision.objects.exists()


def test_a_dry_run_tells_what_would_come_and_writes_nothing(
    workspace: Workspace, result: Path, tmp_path: Path
) -> None:
    row = run_import(result, dry_run=True)["channels"][0]
    assert (row["id"], row["new"]) == (None, 20)
    assert not Channel.objects.exists()

    run_import(result)
    more = [
        message(number, text="Edited" if number == 3 else f"Message {number}")
        for number in range(1, 31)
    ]
    more[2] |= {"edited": "2026-04-25T00:00:00", "edited_unixtime": "1777075200"}
    longer = write(tmp_path / "more.json", chat(more))
    row = run_import(longer, dry_run=True)["channels"][0]
    assert (row["new"], row["changed"], row["unchanged"]) == (10, 1, 19)
    assert Message.objects.count() == 20

    row = run_import(longer)["channels"][0]
    assert (row["new"], row["changed"], row["unchanged"]) == (10, 1, 19)
    assert MessageRevision.objects.get().text == "Message 3"


def test_an_account_brings_its_channels_and_leaves_private_chats_out(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "result.json",
        account(
            chat([message(1)]),
            chat([message(1), message(2)], name="A friend", type="personal_chat", id=5),
            chat([], name="Empty", id=1_500_000_009),
            chat(
                [message(7, from_id="user5")], type="private_supergroup", id=1_500_000_002, name="G"
            ),
            left=[chat([message(4)], id=1_500_000_003, name="Left", type="private_channel")],
        ),
        indent=None,
    )
    told = run_import(path)

    assert [row["title"] for row in told["channels"]] == ["The Channel", "G", "Left"]
    assert told["left_out"] == {"chats": 1, "messages": 2}
    assert "friend" not in json.dumps(told)
    group = Channel.objects.get(peer_id=-1_001_500_000_002)
    assert (group.kind, group.is_private) == ("supergroup", True)
    assert Message.objects.get(channel=group).sender_id == "5"


def test_messages_from_before_a_migration_and_repeated_ones_are_said(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = write(tmp_path / "result.json", chat([message(-5), message(1), message(1), message(2)]))
    row = run_import(path)["channels"][0]
    assert (row["read"], row["new"], row["skipped"]) == (4, 2, 2)
    assert row["why"] == {"before_migration": 1, "repeated": 1}


def test_an_item_that_cannot_be_read_stops_no_other(workspace: Workspace, tmp_path: Path) -> None:
    text = json.dumps(chat([message(1), message(2), message(3)]))
    broken = text.replace('"Message 2"', '"Message \\x2"')
    (tmp_path / "result.json").write_text(broken)
    told = run_import(tmp_path / "result.json")
    row = told["channels"][0]
    assert (row["read"], row["new"], row["errors"]) == (3, 2, 1)
    assert "no valid JSON" in told["problems"][0]["error"]
    assert run_import(tmp_path / "result.json")["channels"][0]["new"] == 0


def test_of_a_file_that_ends_in_the_middle_what_came_before_is_imported_and_said(
    workspace: Workspace, result: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.json"
    cut.write_bytes(result.read_bytes()[:2_000])
    with pytest.raises(CommandError, match="ends in the middle"):
        run_import(cut)
    item = Import.objects.get()
    assert item.state == "failed"
    assert item.report["channels"][0]["new"] == Message.objects.count() > 0
    row = run_import(result)["channels"][0]
    assert row["new"] + row["unchanged"] == 20


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.json", b"", "is empty"),
        ("other.json", b'{"a": [1, 2, 3]}', "no chat with messages"),
        ("picture.jpg", b"\xff\xd8\xff\xe0 no export", "no export that tgadmin knows"),
        ("wide.json", '{"name": "x"}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_something_else_is_refused_in_words(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=words):
        run_import(tmp_path / name)
    assert not Channel.objects.exists()


def test_a_named_channel_takes_one_channel_and_its_own_only(
    workspace: Workspace, result: Path, tmp_path: Path
) -> None:
    Channel.objects.create(
        workspace=workspace, peer_id=-1_001_999, kind="broadcast", title="Other", username="other"
    )
    with pytest.raises(CommandError, match="is an export of “The Channel”"):
        run_import(result, channel="@other")
    two = write(
        tmp_path / "two.json", account(chat([message(1)]), chat([message(1)], id=7, name="B"))
    )
    with pytest.raises(CommandError, match="holds several channels"):
        run_import(two, channel="@fresh_name")
    assert not Message.objects.exists()
    assert run_import(result, channel="@named")["channels"][0]["new"] == 20
    assert Channel.objects.get(peer_id=OURS)


def test_the_command_says_in_words_what_it_did(
    workspace: Workspace, result: Path, capsys: pytest.CaptureFixture[Any]
) -> None:
    call_command("import", str(result))
    assert "“The Channel”: 20 read, 20 new, 0 changed" in capsys.readouterr().out


def test_a_command_whose_import_was_cancelled_says_so(
    workspace: Workspace, result: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BATCH_SIZE = 5

    def cancelled(batch: Batch) -> Outcome:
        Import.objects.update(stop_wish="cancel")
        return write_batch(batch)

    monkeypatch.setattr("ingestion.importing.work.write", cancelled)
    monkeypatch.setattr("ingestion.importing.work.LOOK", 0)
    many = write(result, chat(message(number) for number in range(1, 3_001)))
    with pytest.raises(CommandError, match="was cancelled"):
        run_import(many)
    assert 0 < Message.objects.count() < 3_000
    assert Import.objects.get().state == "cancelled"
