"""What a list can be filtered by: read from an address, applied, and paged through."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from archive.filters import Filters
from archive.search import Results, _find, find, newest
from ingestion.models import Channel, MessageRaw
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db


def parsed(**values: Any) -> Filters:
    filters, complaints = Filters.parse(
        {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    )
    assert complaints == []
    return filters


def ids(results: Results) -> list[int]:
    return [message.message_id for message in results.messages]


EVERYTHING = {
    "q": ["ferry паром"],
    "channel": ["3", "7"],
    "from": ["2026-01-01"],
    "to": ["2026-05-01"],
    "kind": ["photo", "video"],
    "has": ["media", "link"],
    "is": ["edited", "deleted"],
    "sender": ["Ada"],
    "zone": ["Asia/Tokyo"],
}


def test_an_address_says_all_of_it_and_back() -> None:
    filters, complaints = Filters.parse(EVERYTHING)
    assert complaints == []
    assert (filters.words, filters.channels) == ("ferry паром", (3, 7))
    assert (filters.since, filters.until) == (date(2026, 1, 1), date(2026, 5, 1))
    assert filters.as_dict() == EVERYTHING
    assert Filters.parse(filters.as_dict()).filters == filters
    assert Filters.parse({}).filters == Filters()


def test_one_is_taken_away_and_the_others_stay() -> None:
    filters = Filters.parse(EVERYTHING).filters
    left = filters.without("kind", "photo")
    assert left.kinds == ("video",)
    assert left.as_dict() == {**EVERYTHING, "kind": ["video"]}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"from": ["yesterday"]}, "“yesterday” is no day"),
        ({"to": ["0001-01-01"]}, "is no day"),
        ({"from": ["2026-05-02"], "to": ["2026-05-01"]}, "is after “To”"),
        ({"kind": ["hologram"]}, "“kind=hologram” is no filter"),
        ({"has": ["tea"]}, "there are: media, link"),
        ({"is": ["deleted", "present"]}, "not both deleted and still on Telegram"),
        ({"channel": ["abc"]}, "“abc” is no channel's number"),
        ({"channel": [str(n) for n in range(1, 60)]}, "first 50 channels"),
        ({"zone": ["Mars/Olympus"]}, "no time zone"),
        ({"zone": ["../../etc/passwd"]}, "no time zone"),
    ],
)
def test_what_makes_no_sense_is_told_and_left_out(values: dict[str, list[str]], words: str) -> None:
    filters, (complaint,) = Filters.parse(values)
    assert words in complaint
    assert Filters.parse(filters.as_dict()).complaints == []


@pytest.fixture
def mixed(channel: Channel) -> Channel:
    """Return a channel with one message of each sort, numbered."""
    archive_messages(
        channel,
        [
            make_record(1, text="plain ferry"),
            make_record(2, text="a picture", kind="photo", media_meta={"type": "photo"}),
            make_record(3, text="a ferry film", kind="video", media_meta={"type": "video"}),
            make_record(4, text="see https://a.example", links=["https://a.example"]),
            make_record(5, text="changed", edit_date=WHEN + timedelta(hours=1)),
            make_record(6, text="reacted to", edit_date=WHEN + timedelta(hours=1)),
            make_record(7, text="a gone ferry"),
            make_record(8, text="signed", author="Ada Lovelace", sender_id="777"),
            make_record(9, text="", kind="service", media_meta={"action": "pin_message"}),
            make_record(10, text="渡轮"),
        ],
    )
    MessageRaw.objects.filter(message_id=6).update(raw={"edit_hide": True})
    archive_messages(channel, [], gone=[7])
    return channel


CHOSEN: list[tuple[dict[str, Any], list[int]]] = [
    ({"kind": "photo"}, [2]),
    ({"kind": ["photo", "video"]}, [3, 2]),
    ({"has": "media"}, [3, 2]),
    ({"has": "link"}, [4]),
    ({"is": "edited"}, [5]),
    ({"is": "deleted"}, [7]),
    ({"is": "present", "q": "ferry"}, [3, 1]),
    ({"is": "deleted", "q": "ferry"}, [7]),
    ({"sender": "777"}, [8]),
    ({"sender": "ada lovelace"}, [8]),
    ({"sender": "ada"}, []),
    ({"q": "ferry", "kind": "video"}, [3]),
    ({"q": "ferry", "has": "media", "is": "present"}, [3]),
    ({"q": "渡轮", "kind": "text"}, [10]),
    ({"q": "渡轮", "kind": "photo"}, []),
    ({"kind": "photo", "has": "link"}, []),
]


@pytest.mark.parametrize(("values", "expected"), CHOSEN)
@pytest.mark.parametrize("candidates", [0, 5000])
def test_each_filter_lets_its_own_through(
    mixed: Channel,
    values: dict[str, Any],
    expected: list[int],
    candidates: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever way they are looked for: in the workspace, one channel, or some."""
    monkeypatch.setattr(_find, "CANDIDATES", candidates)
    other = make_channel(mixed.workspace)
    filters = parsed(**values)
    look = partial(find, workspace=mixed.workspace)
    assert ids(look(filters=filters)) == expected
    assert ids(look(filters=filters, channel=mixed)) == expected
    one = parsed(**values, channel=str(mixed.pk))
    some = parsed(**values, channel=[str(mixed.pk), str(other.pk)])
    assert ids(look(filters=one)) == expected
    assert ids(look(filters=some)) == expected
    assert ids(look(filters=parsed(**values, channel=str(other.pk)))) == []


def test_days_are_those_of_the_active_time_zone_and_both_included(channel: Channel) -> None:
    late = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)  # the 2nd in Tokyo
    archive_messages(
        channel,
        [make_record(n, date=late + timedelta(hours=6 * n)) for n in range(5)],
    )
    day = parsed(**{"from": "2026-05-02", "to": "2026-05-02"})
    assert parsed(day="2026-05-02") == day
    assert ids(newest(workspace=channel.workspace, filters=day)) == [4, 3, 2, 1]
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert ids(newest(workspace=channel.workspace, filters=day)) == [2, 1, 0]
    in_tokyo = parsed(**{"from": "2026-05-02", "to": "2026-05-02", "zone": "Asia/Tokyo"})
    assert ids(find(workspace=channel.workspace, filters=in_tokyo)) == [2, 1, 0]
    since = parsed(**{"from": "2026-05-02"})
    assert ids(find(workspace=channel.workspace, query="message", filters=since)) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    "values", [{"kind": "photo"}, {"is": "deleted"}, {"has": "media", "q": "w"}]
)
@pytest.mark.parametrize("window", [3, 60_000])
@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_filtered_pages_lead_on_and_back(
    channel: Channel,
    values: dict[str, Any],
    window: int,
    chosen: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is left out and nothing comes twice, also where windows end in between."""
    monkeypatch.setattr(_find, "NARROW_WINDOW", window)
    monkeypatch.setattr(_find, "_SHARE", 2)
    channels = [channel, make_channel(channel.workspace)]
    for number, one in enumerate(channels):
        records = [
            make_record(
                n,
                text="w",
                date=WHEN + timedelta(minutes=n * (1 + 3 * number)),
                kind="photo" if n % 3 else "text",
            )
            for n in range(1, 15)
        ]
        archive_messages(one, records)
        archive_messages(one, [], gone=[n for n in range(1, 15) if n % 3])
    of = {"channel": [str(one.pk) for one in channels[:chosen]]} if chosen else {}
    filters = parsed(**values, **of)
    expected = {(c.pk, n) for c in channels[: chosen or 2] for n in range(1, 15) if n % 3}
    found: list[tuple[int, int]] = []
    page = find(workspace=channel.workspace, filters=filters, limit=4)
    for _round in range(40):
        dates = [message.date for message in page.messages]
        assert dates == sorted(dates, reverse=True)
        found += [(m.channel_id, m.message_id) for m in page.messages]
        if page.next_cursor is None:
            break
        last, page = (
            page,
            find(workspace=channel.workspace, filters=filters, limit=4, cursor=page.next_cursor),
        )
        assert page.previous_cursor
        back = find(
            workspace=channel.workspace, filters=filters, limit=4, cursor=page.previous_cursor
        )
        if last.messages and page.messages and window > 100:
            assert ids(back) == ids(last)
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_another_workspaces_channel_finds_nothing(mixed: Channel) -> None:
    elsewhere = make_channel()
    filters = parsed(channel=str(mixed.pk))
    assert ids(find(workspace=elsewhere.workspace, filters=filters)) == []
