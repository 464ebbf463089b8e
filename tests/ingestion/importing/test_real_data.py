"""Exports that other people made. What must come of them is counted here by other means."""

import json
import re
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
