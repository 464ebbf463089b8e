"""`manage.py export` and `manage.py messages`."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from archive.management.commands import export as export_command
from ingestion.models import Channel
from tests.archive import programs
from tests.factories import archive_messages, make_channel, make_record, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def news(channel: Channel) -> Channel:
    archive_messages(
        channel, [make_record(1, text="Green apples", reactions={"👍": 2}), make_record(2)]
    )
    archive_messages(channel, [], gone=[2])
    return channel


def test_a_file_appears_when_it_is_whole(
    news: Channel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "news.jsonl"
    call_command("export", "@news", "-o", str(target))
    lines = [json.loads(line) for line in target.read_bytes().splitlines()]
    assert [line["message_id"] for line in lines] == [1, 2]
    assert {path.name for path in tmp_path.iterdir()} == {"news.jsonl", "news.jsonl.manifest.json"}
    told = capsys.readouterr()
    assert told.out == ""
    assert "2 messages" in told.err


def test_a_quiet_one_says_nothing(
    news: Channel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("export", "@news", "-o", str(tmp_path / "news.jsonl"), verbosity=0)
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "news.jsonl").stat().st_size


def test_csv_of_a_search_without_deleted_messages(news: Channel, tmp_path: Path) -> None:
    target = tmp_path / "news.csv"
    target.write_text("what was there before")
    query = "channel:@news apples OR message"
    call_command(
        "export", "--search", query, "--format", "csv", "--without-deleted", "-o", str(target)
    )
    text = target.read_bytes().decode("utf-8-sig")
    assert [row["message_id"] for row in csv.DictReader(io.StringIO(text, newline=""))] == ["1"]


def test_a_dash_is_standard_output(news: Channel, export_dir: Path) -> None:
    answer = programs.manage("export", "@news", "-o", "-", export_dir=export_dir)
    assert answer.returncode == 0, answer.stderr
    assert [json.loads(line)["text"] for line in answer.stdout.splitlines()] == [
        "Green apples",
        "Message 2",
    ]
    assert answer.stderr == b""


def test_an_unknown_channel_is_an_error(news: Channel, export_dir: Path) -> None:
    answer = programs.manage("export", "@nobody", "-o", "-", export_dir=export_dir)
    assert answer.returncode == 1
    assert answer.stdout == b""
    assert "There is no channel “@nobody”" in answer.stderr.decode()


def test_what_cannot_be_written_is_an_error_in_words(news: Channel, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"missing.*could not be written: No such file"):
        call_command("export", "@news", "-o", str(tmp_path / "missing" / "news.csv"))
    with pytest.raises(CommandError, match="is not a file"):
        call_command("export", "@news", "-o", str(tmp_path))


def test_a_reader_that_has_seen_enough_is_no_error(news: Channel, export_dir: Path) -> None:
    """As with every Unix program: nothing is complained about, and 141 says SIGPIPE."""
    archive_messages(news, [make_record(n, text="x" * 1000) for n in range(3, 1000)])
    command = [sys.executable, "manage.py", "export", "@news", "-o", "-"]
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=programs.environment(export_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 141


def test_an_interrupted_export_leaves_nothing(
    news: Channel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(*_: object, sink: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(export_command, "stream", interrupted)
    with pytest.raises(CommandError, match="Nothing was kept") as caught:
        call_command("export", "@news", "-o", str(tmp_path / "x"))
    assert caught.value.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_messages_as_json(news: Channel, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("messages", "@news", "--search", "apples", "--json")
    (found,) = json.loads(capfdbinary.readouterr().out)
    assert found["text"] == "Green apples"
    assert found["reactions"] == {"👍": 2}
    assert found["date"] == "2026-05-01T12:01:00+00:00"
    assert (found["views"], found["forwards"], found["replies"]) == (1, 0, None)


def test_messages_as_a_table(news: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("messages", "--limit", "1")
    header, line = capsys.readouterr().out.splitlines()
    assert header.split() == ["channel", "id", "date", "text"]
    assert line.split("  ")[0] == "news"
    assert line.endswith("Message 2")


def test_messages_beyond_a_page(
    channel: Channel, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    archive_messages(channel, [make_record(n) for n in range(1, 1202)])
    call_command("messages", "--limit", "1200", "--json")
    found = json.loads(capfdbinary.readouterr().out)
    assert [message["message_id"] for message in found] == list(range(1201, 1, -1))


def test_other_workspaces_are_not_shown(
    news: Channel, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    archive_messages(make_channel(make_workspace()), [make_record(1, text="Green apples")])
    call_command("messages", "--search", "apples", "--json")
    assert len(json.loads(capfdbinary.readouterr().out)) == 1


def test_a_limit_is_a_positive_number(news: Channel) -> None:
    with pytest.raises(CommandError, match="1 or more is needed"):
        call_command("messages", "--limit", "0")
