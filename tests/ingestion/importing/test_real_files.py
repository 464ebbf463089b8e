"""Every file that other people saved is read to its end, or refused with a word on what to do."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import InputError
from ingestion.importing import open_source
from ingestion.records import MessageRecord

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

#: Folder → files in it, and messages in all of them.
LISTS = {"desktop_json": (1, 6635), "telethon_dicts": (3, 3218), "flat_json_news": (24, 22_099)}


def read(path: Path) -> list[MessageRecord]:
    portions = list(open_source(path, zone=UTC).portions())
    unread = [bad for portion in portions for bad in portion.page.unparsed]
    assert not unread, (path.name, unread[:3])
    return [record for portion in portions for record in portion.page.records]


@pytest.mark.parametrize("folder", LISTS)
def test_each_list_is_read_whole(real_data: Path, folder: str) -> None:
    files, messages = LISTS[folder]
    paths = sorted((real_data / folder).glob("*.json"))
    assert len(paths) == files
    count = 0
    for path in paths:
        loaded = json.loads(path.read_text())
        items: list[dict[str, Any]] = loaded["messages"] if isinstance(loaded, dict) else loaded
        records = read(path)
        count += len(records)
        assert [record.message_id for record in records] == [
            one.get("message_id", one.get("id")) for one in items
        ], path.name
        assert [record.date for record in records] == [_aware(one["date"]) for one in items], (
            path.name
        )
        if folder == "flat_json_news":
            _keeps_the_words(path, records, items)
    assert count == messages


def _keeps_the_words(path: Path, records: list[MessageRecord], items: list[dict[str, Any]]) -> None:
    """Whatever of Markdown is taken away, the letters stay, in their order."""
    for record, item in zip(records, items, strict=True):
        text = item["text"] or ""
        assert bool(record.text) == bool(text.strip("*_`~ \n")), (path.name, record.message_id)
        if not set("[*_`~|") & set(text):
            assert record.text == text, (path.name, record.message_id)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def test_a_page_of_the_web_is_refused_with_what_to_do(real_data: Path) -> None:
    pages = sorted((real_data / "web_preview").glob("*.html"))
    assert len(pages) == 11
    for page in pages:
        with pytest.raises(InputError, match="add the channel by its link") as refused:
            open_source(page, zone=UTC)
        assert refused.value.code == "WEB_PAGE", page.name


def test_what_is_no_export_is_refused_with_what_is_one(real_data: Path) -> None:
    for path in (real_data / "README.md", real_data / "web_preview"):
        with pytest.raises(InputError, match="Telegram Desktop's exports"):
            open_source(path, zone=UTC)
