"""`manage.py generate`: a made-up archive that keeps to all that a real one does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from archive.models import ChannelDay
from archive.stats import rollup
from ingestion import coverage
from ingestion.models import Channel, Medium, Message, MessageRaw, MessageRevision, MessageStats
from ingestion.sources.mtproto.mapping import map_message
from ingestion.writer.rows import Hashed
from tests.factories import archive_messages, make_channel, make_record, make_workspace
from tgadmin.management.generate.indexes import missing
from tgadmin.management.generate.multiplying import multiply
from workspaces.models import Workspace

pytestmark = pytest.mark.slow

MESSAGES = 2_000

#: What a workspace's messages are, by their hashes and what these do not cover.
_DIGEST = """
SELECT md5(string_agg(concat_ws('|', channel.peer_id, message.message_id, message.date,
           message.sender_id, message.author, message.links, message.deleted_at,
           stats.content_hash, stats.counters_hash), ','
           ORDER BY channel.peer_id, message.message_id))
FROM ingestion_message message
JOIN ingestion_channel channel ON channel.id = message.channel_id
JOIN ingestion_messagestats stats
  ON stats.channel_id = message.channel_id AND stats.message_id = message.message_id
WHERE channel.workspace_id = %(workspace)s
"""


def generate(name: str = "Generated", *more: str, seed: int = 7) -> Workspace:
    call_command(
        "generate",
        *("--messages", str(MESSAGES), "--channels", "5", "--seed", str(seed)),
        *("--until", "2026-05-01", "--workspace", name, "--json", *more),
    )
    return Workspace.objects.get(name=name)


def digest(workspace: Workspace) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, {"workspace": workspace.pk})
        found: str = cursor.fetchone()[0]
    return found


@pytest.fixture(scope="class")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Workspace]:
    """One archive for the tests that look at it; gone when they have."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield generate()
        transaction.set_rollback(True)


def channels(workspace: Workspace) -> list[Channel]:
    return list(Channel.objects.filter(workspace=workspace).order_by("pk"))


@pytest.mark.usefixtures("db")
class TestWhatIsMade:
    def test_it_has_as_many_messages_as_were_asked_for(self, made: Workspace) -> None:
        there = {"channel__workspace": made}
        assert Message.objects.filter(**there).count() == MESSAGES
        assert MessageStats.objects.filter(**there).count() == MESSAGES
        assert MessageRaw.objects.filter(**there).count() == MESSAGES
        assert sum(channel.totals.messages for channel in channels(made)) == MESSAGES

    def test_messages_and_absent_ids_are_what_was_covered(self, made: Workspace) -> None:
        reports = coverage.reports(channels(made))
        for channel in channels(made):
            report = reports[channel.pk]
            messages = Message.objects.filter(channel=channel).count()
            assert messages + report.absent == len(report.covered)
            assert channel.runs.get().absent == report.absent
            assert len(report.covered) + len(report.gaps) + len(report.hidden) == channel.top_id
            assert (
                report.deleted
                == Message.objects.filter(channel=channel, deleted_at__isnull=False).count()
            )
        assert any(report.gaps for report in reports.values())

    def test_every_day_is_right(self, made: Workspace) -> None:
        assert ChannelDay.objects.filter(channel__workspace=made, deleted__gt=0).exists()
        assert [rollup.check(channel.pk) for channel in channels(made)] == [[]] * 5

    def test_its_raw_records_map_to_its_messages(self, made: Workspace) -> None:
        names = {f"{sender.peer_id}": sender.name for sender in made.senders.all()}
        stats = {
            (row.channel_id, row.message_id): row
            for row in MessageStats.objects.filter(channel__workspace=made)
        }
        for raw in MessageRaw.objects.filter(channel__workspace=made)[:500]:
            mapped = Hashed.of(map_message(raw.raw, names=names))
            stored = stats[raw.channel_id, raw.message_id]
            assert mapped.content == bytes(stored.content_hash)
            assert mapped.counters == bytes(stored.counters_hash)

    def test_it_has_what_real_archives_have(self, made: Workspace) -> None:
        messages = Message.objects.filter(channel__workspace=made)
        for wanted in (
            messages.exclude(links=[]),
            messages.exclude(hashtags=[]),
            messages.filter(forward__isnull=False),
            messages.filter(reply_to__isnull=False),
            messages.filter(grouped_id__isnull=False),
            messages.exclude(sender_id=""),
            messages.filter(edit_date__isnull=False),
            Medium.objects.filter(channel__workspace=made),
            MessageRevision.objects.filter(channel__workspace=made),
            MessageStats.objects.filter(channel__workspace=made).exclude(reactions={}),
        ):
            assert wanted.exists()
        forwarded = messages.filter(forward__isnull=False)[0]
        source = (forwarded.forward or {})["from_id"]
        assert Channel.objects.filter(workspace=made, peer_id=source).exists()

    def test_the_same_seed_makes_the_same_archive(self, made: Workspace) -> None:
        again = generate("Again", "--beside")
        assert digest(again) == digest(made)
        other = generate("Other", "--beside", seed=8)
        assert digest(other) != digest(made)


@pytest.mark.django_db
def test_removing_it_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = _rows()
    generate()
    call_command("generate", "--remove", "--json")
    told = capsys.readouterr().out
    assert json.loads(told[told.rindex("{") :]) == {"workspace": "Generated", "deleted": MESSAGES}
    assert _rows() == before
    assert not missing()


@pytest.mark.django_db
def test_it_is_copied_with_its_search_vectors_by_the_database(made: Workspace) -> None:
    one = channels(made)[0]
    rows = Message.objects.filter(
        message_id=Message.objects.filter(channel=one).latest("date").message_id
    )
    rows.filter(channel=one).update(tsv="'marked'")
    multiply(made, times=2)
    copy = Channel.objects.get(workspace=made, title=f"{one.title} · 1")
    assert Message.objects.filter(channel__workspace=made).count() == 2 * MESSAGES
    assert rows.get(channel=copy).tsv == "'marked'"
    assert not missing()
    multiply(made, times=2)  # once more after it was stopped
    assert len(channels(made)) == 10
    # Triggers are there again.
    rows.filter(channel=copy).update(text="harbour")
    assert "harbour" in str(rows.get(channel=copy).tsv)


def _rows() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed
    }


@pytest.mark.django_db
class TestRefusing:
    def test_real_messages_are_not_mixed_with_made_up_ones(self) -> None:
        archive_messages(make_channel(), [make_record(1)])
        with pytest.raises(CommandError, match="--beside"):
            generate()
        assert not Workspace.objects.filter(name="Generated").exists()

    def test_a_workspace_that_somebody_made_is_left_alone(self) -> None:
        make_workspace("Generated")
        with pytest.raises(CommandError, match="was not made by this command"):
            generate()

    def test_what_was_added_to_it_is_not_deleted(self) -> None:
        workspace = generate()
        kept = make_channel(workspace, title="Mine")
        with pytest.raises(CommandError, match="Mine"):
            call_command("generate", "--remove")
        assert Channel.objects.filter(pk=kept.pk, removed_at=None).exists()

    @pytest.mark.parametrize("options", [(), ("--messages", "0"), ("--messages", "many")])
    def test_it_has_to_be_said_how_many(self, options: tuple[Any, ...]) -> None:
        with pytest.raises(CommandError):
            call_command("generate", *options)
