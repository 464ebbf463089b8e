"""Finding messages: what is found, in which order, and how one goes on."""

import pytest

from archive.search import find, newest
from ingestion.models import Channel
from tests.factories import archive_messages, make_channel, make_record, make_workspace

pytestmark = pytest.mark.django_db


def ids(results: object) -> list[int]:
    return [message.message_id for message in results.messages]  # type: ignore[attr-defined]


def test_the_newest_come_first(channel: Channel) -> None:
    archive_messages(channel, [make_record(n) for n in range(1, 6)])
    assert ids(newest(workspace=channel.workspace)) == [5, 4, 3, 2, 1]
    assert ids(newest(workspace=channel.workspace, channel=channel, limit=2)) == [5, 4]


def test_a_word_is_found(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, text="Green apples"), make_record(2, text="Pears")])
    assert ids(find(workspace=channel.workspace, query="apples")) == [1]
    assert ids(find(workspace=channel.workspace, query="apples", channel=channel)) == [1]


def test_other_workspaces_are_not_searched(channel: Channel) -> None:
    archive_messages(channel, [make_record(1)])
    other = make_channel(make_workspace())
    assert ids(newest(workspace=other.workspace)) == []
    assert ids(newest(workspace=other.workspace, channel=channel)) == []
    assert ids(find(workspace=other.workspace, query="message", channel=channel)) == []


@pytest.mark.parametrize("size", [2, 3, 7])
def test_pages_lead_on_and_back(channel: Channel, size: int) -> None:
    second = make_channel(channel.workspace)
    for one in (channel, second):
        archive_messages(one, [make_record(n) for n in range(1, 11)])
    for query in ("", "message", "-nothing"):
        whole = [(m.channel_id, m.message_id) for m in newest(workspace=channel.workspace).messages]
        assert len(whole) == 20
        pages, cursor = [], None
        while True:
            page = find(workspace=channel.workspace, query=query, cursor=cursor, limit=size)
            pages.append([(m.channel_id, m.message_id) for m in page.messages])
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert [message for listed in pages for message in listed] == whole
        for expected in reversed(pages[:-1]):
            assert page.previous_cursor
            page = find(
                workspace=channel.workspace, query=query, cursor=page.previous_cursor, limit=size
            )
            assert [(m.channel_id, m.message_id) for m in page.messages] == expected
        assert page.previous_cursor is None
