"""Files are made by anybody: an odd item stops no other and reaches no other workspace."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from ingestion.models import Channel, ChannelChange, Import, Message, Quarantine
from tests.factories import make_channel
from tests.ingestion.importing.running import run_import
from tests.ingestion.sources.desktop.writer import chat, message, write
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

PEER = -1001234567890


def line(number: Any, **more: Any) -> dict[str, Any]:
    told = {"peer_id": PEER, "message_id": number, "date": "2026-05-01T10:00:00+00:00"}
    return {**told, "kind": "text", "text": "one", **more}


def deep(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = [value]
    return value


#: Each of them once stopped an import, or broke the pages that showed it.
ODD: list[dict[str, Any]] = [
    line("seven"),
    line(None),
    line(2**70),
    line(-4),
    line(True),
    line(1.5),
    line(101, date="0001-01-01T00:00:00+14:00"),
    line(102, date="9999-12-31T23:59:59-14:00"),
    line(103, date=12),
    line(104, edit_date="1066-10-14T09:00:00+00:00"),
    line(105, views="<b>many</b>"),
    line(106, views=2**64),
    line(107, reactions={"👍": "<img src=x>"}),
    line(108, reactions=["👍"]),
    line(109, entities="bold"),
    line(110, entities=[{"type": "bold", "offset": "0", "length": 2}]),
    line(111, media="photo"),
    line(112, media={"type": "photo", "file_name": "a\0b"}),
    line(113, forward={"deep": deep(400)}),
    line(115, links=["https://example.org/\0"]),
    line(116, hashtags=[7]),
    line(117, sender_id="9" * 5_000),
    line(118, kind="k" * 5_000),
    line(124, kind="=HYPERLINK(1)"),
    line(119, grouped_id=2**64),
    line(120, deleted_at="yesterday"),
    line(121, revisions=[{"replaced_at": "never", "kind": "text", "text": "old"}]),
    line(122, revisions=["old"]),
    line(123, topic_id=[1]),
]
FINE = [
    line(201, text="a\0b", author="\ud83d\ude00"),
    line(202, text="x" * 3_000_000),
    line(203, links=["https://example.org/" + "y" * 20_000], hashtags=["z" * 5_000]),
    line(205, raw={"deep": deep(400), "number": 2**80}),
    line(204, text="\u202e right to left \u2066"),
]


def test_odd_lines_are_set_aside_and_the_others_come(tmp_path: Path) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in [*ODD, *FINE]))
    (told,) = run_import(path)["channels"]
    assert (told["new"], told["errors"], told["read"]) == (len(FINE), len(ODD), len(ODD + FINE))
    assert sorted(Message.objects.values_list("message_id", flat=True)) == [201, 202, 203, 204, 205]
    assert Message.objects.get(message_id=201).text == "a␀b"
    assert Quarantine.objects.filter(message_id=107).exists()
    assert Channel.objects.get(peer_id=PEER).top_id == 205
    (again,) = run_import(path)["channels"]
    assert (again["new"], again["changed"]) == (0, 0)


def test_odd_items_of_an_export_are_set_aside(tmp_path: Path) -> None:
    odd = [
        message(2**40),
        message(2, date_unixtime=str(2**40)),
        message(3, date_unixtime="-99999999999"),
        message(4, reply_to_message_id=deep(300)),
    ]
    fine = [message(5, photo=deep(300)), message(6)]  # what is too deep in a record is cut off
    write(tmp_path / "result.json", chat([*odd, *fine]))
    (told,) = run_import(tmp_path / "result.json")["channels"]
    assert (told["new"], told["errors"]) == (len(fine), len(odd))


def test_a_manifest_says_nothing_of_other_channels(tmp_path: Path) -> None:
    other = make_channel(Workspace.objects.create(name="Others"))
    data = gzip.compress(json.dumps(line(1)).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    at = "2026-05-01T10:00:00+00:00"
    change = {"field": "title", "before": "x", "after": "y", "at": at}
    channel = {"id": 5, "peer_id": PEER, "title": "News", "kind": "broadcast", "username": "u" * 99}
    manifest = {
        "tgadmin": 1,
        "rows": 1,
        "sha256": hashlib.sha256(data).hexdigest(),
        "channels": [{**channel, "changes": [{**change, "channel_id": other.pk, "id": 1}]}],
    }
    beside = tmp_path / "a.jsonl.gz.manifest.json"
    beside.write_text(json.dumps(manifest))
    run_import(tmp_path)
    assert not ChannelChange.objects.filter(channel=other).exists()
    assert ChannelChange.objects.get().channel.title == "News"
    for odd in ({"coverage": {"mtproto": [[1, 2**70]]}}, {"top_id": 2**62}, {"described_at": "x"}):
        manifest["channels"] = [{**channel, **odd}]
        beside.write_text(json.dumps(manifest))
        with pytest.raises(Exception, match="manifest"):
            run_import(tmp_path)
    assert connection.is_usable()
    assert not Import.objects.filter(state="running").exists()
