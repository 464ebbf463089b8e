"""Exports that other people made. What must come of them is counted here by other means."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from ingestion.models import Message, Quarantine
from tests.ingestion.importing.running import run_import

pytestmark = [pytest.mark.real_data, pytest.mark.django_db(transaction=True)]


def test_a_json_export_of_2021(real_data: Path) -> None:
    (path,) = (real_data / "desktop_json").glob("*.json")
    messages = json.loads(path.read_text())["messages"]
    row = run_import(path)["channels"][0]
    assert row["read"] == row["new"] == len({one["id"] for one in messages}) == 6635
    assert (row["errors"], row["skipped"], row["peer_id"]) == (0, 0, -1_001_101_706_805)
    texts = {
        one["id"]: one["text"]
        if isinstance(one["text"], str)
        else "".join(part if isinstance(part, str) else part["text"] for part in one["text"])
        for one in messages
    }
    assert dict(Message.objects.values_list("message_id", "text")) == texts
    row = run_import(path)["channels"][0]
    assert (row["new"], row["changed"], row["unchanged"]) == (0, 0, 6635)


@pytest.mark.slow
def test_the_pages_of_a_html_export(real_data: Path) -> None:
    folder = real_data / "desktop_html_cybersecurity"
    posts = re.compile(r'<div class="message default[^"]*" id="message(\d+)">')
    lines = re.compile(r'<div class="message service" id="message(\d+)">')
    text = "".join(page.read_text() for page in folder.glob("*.html"))
    ids, services = posts.findall(text), lines.findall(text)
    assert len(ids) == len(set(ids)) == 39_193

    row = run_import(folder)["channels"][0]
    assert (row["new"], row["errors"]) == (len(ids), 0)
    assert row["why"] == {"no_time": len(services)}
    assert row["read"] == len(ids) + len(services)
    assert set(Message.objects.values_list("message_id", flat=True)) == {int(one) for one in ids}
    assert Message.objects.exclude(text="").count() == text.count('<div class="text">')
    linked = Message.objects.filter(entities__contains=[{"type": "bold"}]).count()
    assert linked == len(re.findall(r'<div class="text">(?:(?!</div>).)*<strong>', text, re.DOTALL))
    assert not Quarantine.objects.exists()

    row = run_import(folder)["channels"][0]
    assert (row["new"], row["changed"], row["unchanged"]) == (0, 0, 39_193)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("gotsulyakk__neuro-regionality__channel_messages.json", 1941),
        ("AlexTrigolos__spb__channel_messages.json", 655),
        ("subodh2604__channels_messages__polls-only.json", 622),
    ],
)
def test_lists_of_telethon_dicts(real_data: Path, name: str, count: int) -> None:
    path = real_data / "telethon_dicts" / name
    raw = json.loads(path.read_text())
    channels = {(one.get("peer_id") or one["to_id"])["channel_id"] for one in raw}
    keys = {((one.get("peer_id") or one["to_id"])["channel_id"], one["id"]) for one in raw}
    assert len(raw) == count
    told = run_import(path)
    assert {row["peer_id"] for row in told["channels"]} == {
        -1_000_000_000_000 - one for one in channels
    }
    assert sum(row["read"] for row in told["channels"]) == count
    assert sum(row["new"] for row in told["channels"]) == len(keys) == Message.objects.count()
    assert sum(row["errors"] for row in told["channels"]) == 0
    again = run_import(path)
    assert sum(row["new"] + row["changed"] for row in again["channels"]) == 0


def test_a_flat_list_of_news(real_data: Path) -> None:
    path = min((real_data / "flat_json_news").glob("*.json"))
    items = json.loads(path.read_text())
    row = run_import(path)["channels"][0]
    assert row["title"] == items[0]["channel"]
    assert row["read"] == row["new"] == len(items) == len({one["message_id"] for one in items})
    assert row["errors"] == 0
    assert dict(Message.objects.values_list("message_id", "date")) == {
        one["message_id"]: datetime.fromisoformat(one["date"]) for one in items
    }
    again = run_import(path)["channels"][0]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, len(items))
