"""Every source, by the contract that all of them keep."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from telethon.tl import types

from ingestion.records import Page
from ingestion.sources.base import ArchiveSource, ChannelAddress
from ingestion.sources.desktop import HtmlExport, JsonExport
from ingestion.sources.files import Folder
from ingestion.sources.flat_json import FlatJson
from ingestion.sources.jsonl import JsonLines
from ingestion.sources.mtproto.answers import Answer
from ingestion.sources.mtproto.dump import TelethonDump
from ingestion.sources.telegram_archive import TelegramArchive
from ingestion.sources.web_preview import WebPreview
from tests.ingestion.sources import contract
from tests.ingestion.sources.contract import Sample
from tests.ingestion.sources.desktop import html_writer, writer
from tests.ingestion.sources.telegram_archive_writer import enrich, write_database
from tests.ingestion.sources.web_preview.site import Shown

MANY = 12_000
PEER = -1_001_500_000_001
WHEN = datetime(2026, 5, 1, 10, tzinfo=UTC)


def _pages(source: ArchiveSource, skip: int = 0) -> Iterator[Page]:
    for portion in source.portions(skip=skip):
        assert portion.read >= len(portion.page.records) + len(portion.page.unparsed)
        if portion.chat.peer_id is None or portion.chat.peer_id < -1_000_000_000_000:
            yield portion.page


def _of(
    make: Callable[[], ArchiveSource], ids: range, *, broken: int = 0, large: Any = None
) -> Sample:
    return Sample(
        make().name,
        lambda: _pages(make()),
        frozenset(ids),
        broken=broken,
        rest=lambda skip: _pages(make(), skip),
        large=(lambda: _pages(large())) if large else None,
    )


def desktop_json(path: Path) -> Sample:
    good = [
        writer.message(1),
        writer.message(
            2, text=[{"type": "bold", "text": "B😀"}, " and ", {"type": "link", "text": "e.org"}]
        ),
        writer.message(3, photo="photos/a.jpg", width=3, height=4, text=""),
        writer.message(
            4, type="service", action="pin_message", text="", actor="A", actor_id="user5"
        ),
        writer.message(5, poll={"question": "Q", "answers": [{"text": "a"}], "total_voters": 2}),
        writer.message(6, text="nul \u0000 and half \ud83d an emoji"),
    ]
    bad = {"id": 7, "type": "message", "date": "never"}
    file = path / "result.json"
    file.write_text(json.dumps(writer.chat([*good, bad])))
    many = writer.write_large(path / "large.json", MANY, text="x" * 2_000)

    def make(name: Path = file) -> ArchiveSource:
        return JsonExport(lambda: name.open("rb"), name.stat().st_size)

    return _of(make, range(1, 7), broken=1, large=lambda: make(many))


def desktop_html(path: Path) -> Sample:
    html_writer.page(
        path / "messages.html",
        [
            html_writer.day(1),
            *(html_writer.post(one, f"<b>{one}</b> 😀 &amp;") for one in range(1, 5)),
        ],
    )
    html_writer.page(path / "messages2.html", [html_writer.post(5, "x", date="never")])
    large = path / "large"
    large.mkdir()
    for page in range(12):
        numbers = range(page * 1000 + 1, page * 1000 + 1001)
        blocks = [html_writer.post(one, "y" * 500) for one in numbers]
        html_writer.page(large / f"messages{page + 1}.html", blocks)
    return _of(
        lambda: HtmlExport(Folder(path)),
        range(1, 5),
        broken=1,
        large=lambda: HtmlExport(Folder(large)),
    )


def own_lines(path: Path) -> Sample:
    def line(number: int) -> bytes:
        told = {
            "channel_id": 1,
            "peer_id": PEER,
            "message_id": number,
            "date": "2026-05-01T10:00:00+00:00",
        }
        return (
            orjson.dumps({**told, "kind": "text", "text": f"t{number}", "raw": {"id": number}})
            + b"\n"
        )

    (path / "a.jsonl").write_bytes(b"".join(map(line, range(1, 6))) + b'{"message_id": 6}\n')
    (path / "large.jsonl").write_bytes(b"".join(map(line, range(1, MANY + 1))))

    def make(name: str = "a.jsonl") -> ArchiveSource:
        file = path / name
        return JsonLines(lambda: file.open("rb"), file.stat().st_size)

    return _of(make, range(1, 6), broken=1, large=lambda: make("large.jsonl"))


def telegram_archive(path: Path) -> Sample:
    file = write_database(path / "telegram_backup.db")
    enrich(file)
    # Its supergroup has one message, 9; the private chat is left out.
    many = write_database(path / "many.db", MANY)
    sample = _of(lambda: TelegramArchive(file), range(1, 6), large=lambda: TelegramArchive(many))
    return Sample(sample.name, sample.pages, sample.ids | {9}, rest=sample.rest, large=sample.large)


def telethon_dump(path: Path) -> Sample:
    def one(number: int) -> dict[str, Any]:
        return {
            "_": "Message",
            "id": number,
            "peer_id": {"_": "PeerChannel", "channel_id": 1_500_000_001},
            "date": "2026-05-01T10:00:00+00:00",
            "message": f"m{number}",
        }

    (path / "dump.json").write_text(json.dumps([*map(one, range(1, 6)), {**one(6), "date": None}]))
    (path / "large.json").write_text(json.dumps([one(number) for number in range(1, MANY + 1)]))

    def make(name: str = "dump.json") -> ArchiveSource:
        file = path / name
        return TelethonDump(lambda: file.open("rb"), file.stat().st_size)

    return _of(make, range(1, 6), broken=1, large=lambda: make("large.json"))


def flat_json(path: Path) -> Sample:
    def one(number: int) -> dict[str, Any]:
        told = {
            "message_id": number,
            "sender_id": PEER,
            "date": "2026-05-01T10:00:00",
            "channel": "C",
        }
        return {**told, "text": "**b** [l](https://e.org) https://e.org/x. 😀"}

    items = [*map(one, range(1, 6)), {"message_id": 6, "text": "no date"}]
    (path / "flat.json").write_text(json.dumps(items))
    (path / "large.json").write_text(json.dumps([one(number) for number in range(1, MANY + 1)]))

    def make(name: str = "flat.json") -> ArchiveSource:
        file = path / name
        return FlatJson(lambda: file.open("rb"), file.stat().st_size)

    return _of(make, range(1, 6), broken=1, large=lambda: make("large.json"))


def web_preview(path: Path) -> Sample:
    shown = Shown("name")
    shown.write(*range(1, 46))
    shown.posts[46] = shown.posts[45].replace("name/45", "name/46").replace("datetime=", "x=")

    def fetch(address: str) -> str:
        before = address.partition("before=")[2]
        return shown.page(before=int(before) if before else None, after=None)

    def pages() -> Iterator[Page]:
        source = WebPreview("name", fetch, base_url="https://t.me")
        high: int | None = None
        while high is None or high >= 1:
            page = asyncio.run(source.page(ChannelAddress(PEER, 0), low=1, high=high))
            yield page
            high = page.low - 1

    return Sample("web_preview", pages, frozenset(range(1, 46)), broken=1)


def mtproto(path: Path) -> Sample:
    """The mapping of what the connection brings; asking for it is tested against the sandbox."""
    here = types.PeerChannel(1_500_000_001)
    raw = [types.Message(number, here, WHEN, f"m{number}") for number in range(5, 0, -1)]
    bad = types.Message(6, here, None, "x")

    def pages() -> Iterator[Page]:
        records, unparsed = Answer([bad, *raw], {}).mapped()
        yield Page(records, unparsed, low=1, high=6, proves_absence=True)

    return Sample("mtproto", pages, frozenset(range(1, 6)), broken=1, proves=True)


MAKERS = [desktop_json, desktop_html, own_lines, telegram_archive, telethon_dump, flat_json, web_preview, mtproto]  # fmt: skip
STREAMS = MAKERS[:6]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: str(make.__name__))
def test_a_source_keeps_the_contract(make: Callable[[Path], Sample], tmp_path: Path) -> None:
    contract.check(make(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("make", STREAMS, ids=lambda make: str(make.__name__))
def test_a_stream_goes_on_in_the_middle_and_stays_small(
    make: Callable[[Path], Sample], tmp_path: Path
) -> None:
    sample = make(tmp_path)
    contract.check_going_on(sample)
    contract.check_memory(sample)
