"""Exports as people keep them: folders and zips, and what only looks like them."""

import zipfile
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from ingestion.models import Channel, Message
from tests.ingestion.importing.running import run_import
from tests.ingestion.sources.desktop.html_writer import page, post, service
from tests.ingestion.sources.desktop.writer import chat, message, write

pytestmark = pytest.mark.django_db(transaction=True)


def html_folder(path: Path) -> Path:
    path.mkdir()
    page(path / "messages.html", [service(1, "Created"), post(2, "a"), post(3, "b")])
    page(path / "messages2.html", [post(4, "c", author=None)])
    (path / "photos").mkdir()
    (path / "photos" / "a.jpg").write_bytes(b"\xff\xd8")
    return path


def packed(folder: Path, target: Path, *, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.rglob("*"):
            if file.is_file():
                archive.write(file, f"{inside}{file.relative_to(folder)}")
    return target


@pytest.mark.parametrize("inside", ["", "ChatExport_2026-05-01/", "Telegram Desktop/ChatExport/"])
def test_a_zip_of_pages_is_read_where_the_export_begins(tmp_path: Path, inside: str) -> None:
    path = packed(html_folder(tmp_path / "export"), tmp_path / "export.zip", inside=inside)
    row = run_import(path)["channels"][0]
    assert (row["read"], row["new"], row["skipped"], row["why"]) == (4, 3, 1, {"no_time": 1})
    assert run_import(path)["channels"][0]["unchanged"] == 3
    channel = Channel.objects.get()
    assert channel.is_provisional
    assert channel.title == "The Channel"


def test_a_folder_a_page_of_it_and_its_zip_are_one_channel(tmp_path: Path) -> None:
    folder = html_folder(tmp_path / "export")
    assert run_import(folder)["channels"][0]["new"] == 3
    for again in (folder / "messages2.html", packed(folder, tmp_path / "e.zip")):
        row = run_import(again)["channels"][0]
        assert (row["new"], row["changed"], row["unchanged"]) == (0, 0, 3)


def test_json_in_a_zip_wins_over_pages(tmp_path: Path) -> None:
    folder = html_folder(tmp_path / "export")
    write(folder / "result.json", chat([message(2, text="a"), message(3, text="b")]))
    told = run_import(packed(folder, tmp_path / "e.zip"))
    assert (told["source"], told["channels"][0]["new"]) == ("desktop", 2)


def test_pages_join_the_channel_that_is_named_and_what_is_richer_stays(tmp_path: Path) -> None:
    write(
        tmp_path / "result.json", chat([message(2, text="a", from_id="user5", **{"from": "Ann"})])
    )
    run_import(tmp_path / "result.json")
    row = run_import(html_folder(tmp_path / "export"), channel="-1001500000001")["channels"][0]
    assert row["new"] == 2
    assert Channel.objects.count() == 1
    assert Message.objects.get(message_id=2).sender_id == "5"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("result.json", b"{" + b" " * 30_000_000)
    with pytest.raises(CommandError, match="no export is packed like that"):
        run_import(tmp_path / "bomb.zip")


def test_names_that_lead_out_of_a_zip_lead_nowhere(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../../result.json", "{}")
        archive.writestr("/etc/result.json", "{}")
    with pytest.raises(CommandError):
        run_import(tmp_path / "evil.zip")
    assert not (tmp_path.parent / "result.json").exists()
    assert not Channel.objects.exists()


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "result.json", chat([message(1)]))
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "result.json").symlink_to(tmp_path / "result.json")
    with pytest.raises(CommandError, match="no export that tgadmin knows"):
        run_import(tmp_path / "export")


def test_a_zip_that_is_not_whole_says_so(tmp_path: Path) -> None:
    whole = packed(html_folder(tmp_path / "export"), tmp_path / "e.zip")
    (tmp_path / "cut.zip").write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(CommandError, match="damaged or not whole"):
        run_import(tmp_path / "cut.zip")


def test_a_zip_with_a_damaged_page_imports_what_came_before_and_says_so(tmp_path: Path) -> None:
    folder = html_folder(tmp_path / "export")
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_STORED) as archive:
        for name in ("messages.html", "messages2.html"):
            archive.write(folder / name, name)
    data = bytearray((tmp_path / "e.zip").read_bytes())
    data[data.rindex(b'id="message4"') + 5] ^= 0xFF  # its checksum is wrong now
    (tmp_path / "e.zip").write_bytes(data)
    with pytest.raises(CommandError, match="damaged"):
        run_import(tmp_path / "e.zip")
    assert set(Message.objects.values_list("message_id", flat=True)) == {2, 3}
