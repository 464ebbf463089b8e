"""From the text of the search box to filters, and to the messages that they let through."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.asking import names_of, understand, written
from archive.filters import Filters
from archive.search import find
from archive.suggesting import suggest
from ingestion.models import Channel, ForumTopic, PinnedMessage, Sender
from tests.factories import WHEN, archive_messages, make_channel, make_record, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(channel: Channel) -> Channel:
    """Return a channel with one message for each filter."""
    archive_messages(
        channel,
        [
            make_record(1, text="plain ferry", views=10),
            make_record(2, text="a ferry picture", kind="photo", views=5000),
            make_record(3, text="see", links=["https://www.Example.org/a", "mailto:x@a.test"]),
            make_record(
                4, text="see #News #Tea", links=["http://notexample.org"], hashtags=["News", "Tea"]
            ),
            make_record(5, text="colour #news", hashtags=["news"], topic_id=90),
            make_record(6, text="Color", forward={"from_name": "Ada"}),
            make_record(7, text="said by Ada", author="Ada Lovelace", sender_id="777"),
            make_record(
                9, text="Das Boot ist heute nicht gefahren, und wir haben auf der Insel gewartet."
            ),
            make_record(8, text="an answer", reply_to={"message_id": 7, "top_id": 7}),
        ],
    )
    PinnedMessage.objects.create(channel=channel, message_id=1, seen_at=WHEN)
    PinnedMessage.objects.create(channel=channel, message_id=2, seen_at=WHEN, unpinned_at=WHEN)
    ForumTopic.objects.create(channel=channel, topic_id=90, title="Lost & found", created_at=WHEN)
    return channel


def asked(text: str, channel: Channel) -> Filters:
    found = understand(text, workspace=channel.workspace, filters=Filters())
    assert found.mistakes == (), [str(one.told) for one in found.mistakes]
    return found.filters


CASES: list[tuple[str, list[int], dict[str, Any]]] = [
    ("ferry -picture", [1], {"words": "ferry -picture"}),
    ("ferry has:photo", [2], {"words": "ferry", "kinds": ("photo",)}),
    ("has:link url:example.org", [3], {"has": ("link",), "sites": ("example.org",)}),
    ("url:org.example", [], {"sites": ("org.example",)}),
    ("tag:#news tag:tea", [4], {"tags": ("news", "tea")}),
    ("tag:NEWS", [5, 4], {"tags": ("news",)}),
    ('topic:"lost & found"', [5], {"topic": 90}),
    ("thread:7", [8], {"thread": 7}),
    ("is:forwarded", [6], {"are": ("forwarded",)}),
    ("is:pinned", [1], {"are": ("pinned",)}),
    ("lang:de", [9], {"langs": ("de",)}),
    ("views:>=5k", [2], {"views_min": 5000}),
    ("views:10", [1], {"views_min": 10, "views_max": 10}),
    ('from:"ada lovelace"', [7], {"sender": "ada lovelace"}),
    ("re:/colou?r/i", [6, 5], {"pattern": "(?i)colou?r"}),
    ("re:/^C/", [6], {"pattern": "^C"}),
    ("on:2026-05-01 plain", [1], {"since": date(2026, 5, 1), "until": date(2026, 5, 1)}),
    ("before:2026-05-01", [], {"until": date(2026, 4, 30)}),
    ("channel:@NEWS is:pinned", [1], {"are": ("pinned",)}),
    ("channel:new -is:deleted is:pinned", [1], {"are": ("present", "pinned")}),
]


def test_what_is_written_is_what_is_chosen_and_both_find_the_same(mixed: Channel) -> None:
    for text, expected, fields in CASES:
        filters = asked(text, mixed)
        found = find(workspace=mixed.workspace, filters=filters)
        assert [message.message_id for message in found.messages] == expected, text
        assert {name: getattr(filters, name) for name in fields} == fields, text
        # As an address and as text again, it is the same.
        assert Filters.parse(filters.as_dict()) == (filters, [])
        assert asked(written(filters, names_of([mixed])), mixed) == filters, text


def test_text_and_form_are_joined(mixed: Channel) -> None:
    chosen = Filters(kinds=("photo",), sender="x", are=("edited",))
    found = understand("kind:video from:y is:pinned", workspace=mixed.workspace, filters=chosen)
    assert found.filters == Filters(kinds=("photo", "video"), sender="y", are=("edited", "pinned"))
    assert found.moved
    assert not understand("a b", workspace=mixed.workspace, filters=chosen).moved


def test_names_that_lead_nowhere_or_to_several_are_pointed_at(mixed: Channel) -> None:
    make_channel(mixed.workspace, title="Old paper", username="")
    make_channel(mixed.workspace, title="New paper", username="paper2")
    elsewhere = make_channel(make_workspace(), title="Secret", username="secret")
    ForumTopic.objects.create(channel=elsewhere, topic_id=3, title="Hidden", created_at=WHEN)
    for text, words in (
        ("channel:@secret", "No channel here is called “@secret”"),
        (f"channel:{elsewhere.peer_id}", "No channel here is called"),
        ("channel:paper", "can be several channels: Old paper, @paper2."),
        ("topic:hidden", "No topic is called “hidden”"),
        ("re:/(/", "This is no regular expression: parentheses () not balanced."),
        ("after:2026-05-02 before:2026-05-01", "No day is from 2026-05-02 on"),
        ("is:deleted -is:deleted", "is not both deleted"),
    ):
        (mistake,) = understand(text, workspace=mixed.workspace, filters=Filters()).mistakes
        assert words in str(mistake.told), text


def test_what_could_follow_is_offered(mixed: Channel) -> None:
    def offered(before: str) -> list[str]:
        found = suggest(before, workspace=mixed.workspace)
        assert all(0 <= one.start <= len(before) for one in found)
        return [before[: one.start] + one.text for one in found]

    make_channel(make_workspace(), title="News elsewhere", username="newselse")
    Sender.objects.create(
        workspace=mixed.workspace, peer_id=777, kind="user", name="Ada Lovelace",
        usernames=["ada"], first_seen_at=WHEN,
    )  # fmt: skip
    assert offered("ferry ch") == ["ferry channel:"]
    assert offered("ferry") == []
    assert offered("") == []
    assert offered("x channel:ne") == ["x channel:@news "]
    assert offered("from:ad") == ['from:"Ada Lovelace" ']
    assert offered("from:@ada") == ['from:"Ada Lovelace" ']
    assert offered("topic:lost") == ['topic:"Lost & found" ']
    assert offered("has:po") == ["has:poll "]
    assert offered("is:")[:2] == ["is:edited ", "is:deleted "]
    yesterday = timezone.localdate() - timedelta(days=1)
    assert offered("on:yes") == [f"on:{yesterday} "]


def test_the_terminal_speaks_the_same_language(
    mixed: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(*arguments: str) -> list[int]:
        call_command(*arguments, "--json")
        return [one["message_id"] for one in json.loads(capsys.readouterr().out)]

    assert printed("search", "ferry", "has:photo") == [2]
    assert printed("messages", "@news", "--search", "is:pinned ferry") == [1]
    for command in (["messages", "--search", "a has:tea"], ["search", "a has:tea"]):
        with pytest.raises(CommandError, match=r"a has:tea\n  \^{7}\nNothing is known"):
            call_command(*command)
