"""Every kind of message, synced from the sandbox, is in the tables as it was sent; and again."""

import json
from collections.abc import Callable, Iterator

import pytest

from ingestion.models import Message, MessageRevision, MessageStats, Quarantine
from sandbox.testing import SandboxProcess
from tests.ingestion.sources.mtproto import kinds_truth
from tests.ingestion.sources.mtproto.kinds_media_truth import media_of
from tests.ingestion.sources.mtproto.test_kinds import WORLD, as_sent
from tests.ingestion.world import World


@pytest.fixture
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "world.json").write_text(json.dumps(WORLD))
    with SandboxProcess(folder / "sandbox", world=folder / "world.json") as sandbox:
        yield sandbox


def test_each_is_archived_as_it_was_sent(
    every_kind: SandboxProcess, connect_to: Callable[[SandboxProcess], World]
) -> None:
    world = connect_to(every_kind)
    channel = world.add("every_kind")
    world.sync(channel)
    stored = {row.message_id: row for row in Message.objects.filter(channel=channel)}
    stats = {row.message_id: row for row in MessageStats.objects.filter(channel=channel)}
    truth = every_kind.truth("@every_kind")["messages"]
    assert sorted(stored) == [message["id"] for message in truth]
    assert not Quarantine.objects.exists()
    for message in truth:
        row, counted = stored[message["id"]], stats[message["id"]]
        kind, meta, attached = media_of(message["media"])
        if message["action"]:
            kind, meta = "service", kinds_truth.service_of(message["action"])
        attached |= kinds_truth.extras_of(message)
        reply = kinds_truth.reply_of(message["reply"])
        assert (row.kind, row.text, row.grouped_id) == (
            kind,
            message["text"],
            message["grouped_id"],
        )
        assert row.entities == kinds_truth.entities_of(message["entities"])
        assert as_sent(row.media_meta, meta) == meta
        assert as_sent(row.reply_to, reply) == reply
        assert row.forward == kinds_truth.forward_of(message["forward"])
        assert as_sent(counted.attached, attached) == attached
        assert counted.reactions == dict(message["reactions"])
    again = world.sync(channel)
    assert sum(run.changed + run.new + run.counters for run in again.values()) == 0
    assert not MessageRevision.objects.exists()
