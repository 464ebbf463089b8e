"""`manage.py generate`: a made-up archive that keeps to all that a real one does."""

import json
import math
import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from pytest_django import DjangoDbBlocker

from archive.models import ChannelDay
from archive.stats import rollup
from ingestion import coverage
from ingestion.models import Channel, Medium, Message, MessageRaw, MessageRevision, MessageStats
from ingestion.sources.mtproto.mapping import map_message
from ingestion.writer.rows import Hashed
from tests.factories import archive_messages, make_channel, make_record, make_workspace
from tgadmin.management.generate import lexicon
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


@pytest.mark.usefixtures("db")
class TestHowItIsWritten:
    """What full-text indexes, charts and the search for copies meet in real archives."""

    def test_words_are_used_as_often_as_zipf_says(self, made: Workspace) -> None:
        found = {code: words for code, words in _words(made).items() if words.total() > 5_000}
        assert len(found) >= 2
        for code, words in found.items():
            often = [number for _, number in words.most_common(200)]
            assert -1.1 < slope(often) < -0.9, code
            # A long tail: most words that there are were used once or twice.
            assert sum(number <= 2 for number in words.values()) > len(words) / 2, code

    def test_it_is_in_several_scripts(self, made: Workspace) -> None:
        scripts = Counter(
            unicodedata.name(char).split()[0]
            for text in Message.objects.filter(channel__workspace=made).values_list(
                "text", flat=True
            )
            for char in text
            if char.isalpha()
        )
        assert {"LATIN", "CYRILLIC", "ARABIC", "THAI", "KATAKANA", "CJK"} <= set(scripts)
        languages = {lexicon.LANGUAGES[0].code, "uk", "th", "ja", "ar"}
        rows = Message.objects.filter(channel__workspace=made)
        assert languages <= set(rows.values_list("language", flat=True))

    def test_days_are_quiet_until_something_happens(self, made: Workspace) -> None:
        large = [channel for channel in channels(made) if channel.totals.messages > 400]
        assert len(large) >= 2
        for channel in large:
            days = Message.objects.filter(channel=channel).values_list("date__date", flat=True)
            often = Counter(days).values()
            assert max(often) >= 8 * statistics.median(often)

    def test_some_were_edited_or_deleted_and_many_reacted_to(self, made: Workspace) -> None:
        messages = Message.objects.filter(channel__workspace=made)
        edited = messages.filter(edit_date__isnull=False)
        assert MESSAGES * 0.02 < edited.count() < MESSAGES * 0.06
        assert not edited.filter(edit_date__lt=F("date")).exists()
        revisions = list(MessageRevision.objects.filter(channel__workspace=made))
        now = messages.in_bulk([(row.channel_id, row.message_id) for row in revisions])
        assert len(revisions) > MESSAGES * 0.01
        for row in revisions:
            assert row.text != now[row.channel_id, row.message_id].text
        deleted = messages.filter(deleted_at__isnull=False)
        assert MESSAGES * 0.005 < deleted.count() < MESSAGES * 0.03
        assert not deleted.filter(deleted_at__lt=F("date")).exists()
        reactions = MessageStats.objects.filter(channel__workspace=made).exclude(reactions={})
        assert reactions.count() > MESSAGES * 0.3
        assert len({emoji for row in reactions for emoji in row.reactions}) >= 3

    def test_channels_forward_each_others_posts(self, made: Workspace) -> None:
        by_peer = {str(channel.peer_id): channel for channel in channels(made)}
        forwarded = Message.objects.filter(channel__workspace=made, forward__isnull=False)
        assert forwarded.count() > MESSAGES * 0.03
        across = [
            (message, message.forward or {})
            for message in forwarded
            if (message.forward or {})["from_id"] != str(message.channel.peer_id)
        ]
        assert len(across) > MESSAGES * 0.02
        same = 0
        for message, header in across:
            source = by_peer[str(header["from_id"])]
            original = Message.objects.get(channel=source, message_id=header["channel_post"])
            same += message.text == original.text
        # The others are polls, which have words of their own.
        assert same > len(across) * 0.8

    def test_some_are_nearly_what_another_says(self, made: Workspace) -> None:
        assert len(near_duplicates(made)) > MESSAGES * 0.01


def _words(workspace: Workspace) -> dict[str, Counter[str]]:
    """How often each word is used, by language, in those that put spaces between them."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = Message.objects.filter(channel__workspace=workspace, forward__isnull=True)
    spaced = {one.code for one in lexicon.LANGUAGES if one.joiner == " "}
    for language, text in rows.filter(language__in=spaced).values_list("language", "text"):
        found[language or ""].update(
            re.findall(r"[^\W\d_]+", re.sub(r"https://\S+|#\S+", "", text))
        )
    return found


def slope(often: Sequence[int]) -> float:
    """Of the logarithm of how often over that of the rank: −1 is Zipf's law (with Mandelbrot's
    offset, by which the very first are not as far ahead).
    """
    across = [math.log(rank + 2.7) for rank in range(1, len(often) + 1)]
    return statistics.linear_regression(across, [math.log(number) for number in often]).slope


def near_duplicates(workspace: Workspace) -> set[tuple[str, str]]:
    """Texts of eight words or more that differ in one of them."""
    seen: dict[tuple[int, str], str] = {}
    found = set()
    for text in Message.objects.filter(channel__workspace=workspace).values_list("text", flat=True):
        words = text.split()
        if len(words) < 8:
            continue
        for place in range(len(words)):
            rest = " ".join([*words[:place], "…", *words[place + 1 :]])
            other = seen.setdefault((place, rest), text)
            if other != text:
                found.add((other, text))
    return found


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
    multiply(made, times=3)
    copy = Channel.objects.get(workspace=made, title=f"{one.title} · 1")
    assert rows.get(channel=copy).tsv == "'marked'"
    assert not missing()
    assert _agree(copy)
    assert not MessageRaw.objects.filter(channel=copy).exists()
    multiply(made, times=3)  # once more after it was stopped
    assert len(channels(made)) == 11
    # Triggers are there again.
    rows.filter(channel=copy).update(text="harbour")
    assert "harbour" in str(rows.get(channel=copy).tsv)


@pytest.mark.django_db
def test_the_last_copy_is_one_channel_that_is_as_large_as_the_archive(made: Workspace) -> None:
    largest = max(channels(made), key=lambda one: one.totals.messages)
    multiply(made, times=2)
    long = Channel.objects.get(workspace=made, title=f"{largest.title} · 1")
    parts = long.top_id // largest.top_id
    assert long.totals.messages == parts * largest.totals.messages >= MESSAGES
    assert _agree(long)
    assert MessageRaw.objects.filter(channel=long).count() == long.totals.messages
    in_order = Message.objects.filter(channel=long).order_by("message_id")
    dates = list(in_order.values_list("date", flat=True))
    assert dates == sorted(dates)
    assert dates[-1] == long.totals.last_date == largest.totals.last_date
    assert dates[0] == long.totals.first_date
    assert not any(moment.microsecond for moment in dates)
    albums = in_order.exclude(grouped_id=None).values_list("grouped_id", "message_id")
    ids = defaultdict(list)
    for album, number in albums:
        ids[album].append(number)
    assert all(numbers[-1] - numbers[0] < 20 for numbers in ids.values())


def _agree(channel: Channel) -> bool:
    """Whether sums, coverage, the run and the days are those of the messages."""
    report = coverage.reports([channel])[channel.pk]
    there = Message.objects.filter(channel=channel).count()
    run = channel.runs.get()
    return (
        there == channel.totals.messages == run.new
        and there + report.absent == len(report.covered) == len(run.done)
        and run.absent == report.absent
        and len(report.covered) + len(report.gaps) == channel.top_id
        and rollup.check(channel.pk) == []
    )


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
