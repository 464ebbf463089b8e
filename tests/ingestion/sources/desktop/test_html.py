"""Telegram Desktop's HTML: what a page says is what a record holds."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ingestion.errors import DataError
from ingestion.records import MessageRecord
from ingestion.sources.base import Portion
from ingestion.sources.desktop import HtmlExport, pages_of
from ingestion.sources.files import Folder
from tests.ingestion.sources.desktop.html_writer import day, page, post, service


def portions(path: Path, **options: timezone) -> list[Portion]:
    return list(HtmlExport(Folder(path), **options).portions())


def records(path: Path, **options: timezone) -> list[MessageRecord]:
    return [record for portion in portions(path, **options) for record in portion.page.records]


def only(path: Path, block: str) -> MessageRecord:
    page(path / "messages.html", [block])
    (record,) = records(path)
    return record


def test_pages_are_read_by_their_number_and_joined_blocks_keep_the_name(tmp_path: Path) -> None:
    page(
        tmp_path / "messages.html", [day(1), post(1, "a", author="Ann"), post(2, "b", author=None)]
    )
    page(tmp_path / "messages2.html", [day(2), post(3, "c", author=None), post(4, "d")])
    page(tmp_path / "messages10.html", [post(5, "e", author="Bob")])
    assert pages_of(Folder(tmp_path)) == ["messages.html", "messages2.html", "messages10.html"]
    found = records(tmp_path)
    assert [(record.message_id, record.text, record.author) for record in found] == [
        (1, "a", "Ann"),
        (2, "b", "Ann"),
        (3, "c", "Ann"),
        (4, "d", ""),  # the channel itself
        (5, "e", "Bob"),
    ]
    portion = portions(tmp_path)[0]
    assert (portion.chat.peer_id, portion.chat.title) == (None, "The Channel")
    assert not portion.page.proves_absence


def test_going_on_in_the_middle_brings_the_rest_and_the_same_names(tmp_path: Path) -> None:
    page(tmp_path / "messages.html", [post(1, "a", author="Ann"), post(2, "b", author=None)])
    page(tmp_path / "messages2.html", [post(3, "c", author=None), service(4, "Ann left")])
    export = HtmlExport(Folder(tmp_path))
    rest = [record for part in export.portions(skip=1) for record in part.page.records]
    assert [(record.message_id, record.author) for record in rest] == [(2, "Ann"), (3, "Ann")]


def test_service_lines_have_no_time_and_are_counted(tmp_path: Path) -> None:
    page(tmp_path / "messages.html", [day(1), service(1, "Channel created"), post(2, "x")])
    (portion,) = portions(tmp_path)
    assert (portion.read, portion.skipped) == (2, {"no_time": 1})


def test_dates_with_and_without_an_offset(tmp_path: Path) -> None:
    page(
        tmp_path / "messages.html",
        [
            post(1, "x"),
            post(2, "y", date="24.04.2026 10:00:00"),
            post(3, "z", date="24.04.2026 10:00:00 UTC-03:00"),
        ],
    )
    east = timezone(timedelta(hours=2))
    assert [record.date for record in records(tmp_path, zone=east)] == [
        datetime(2026, 4, 24, 4, 30, tzinfo=UTC),
        datetime(2026, 4, 24, 8, tzinfo=UTC),
        datetime(2026, 4, 24, 13, tzinfo=UTC),
    ]


def test_text_keeps_its_entities(tmp_path: Path) -> None:
    html = (
        '<strong>Bold<br><br></strong>😀 <em>it</em> <a href="https://e.org/a">e.org/a</a> '
        '<a href="https://x.org">here</a> <a href="" onclick="return ShowHashtag(&quot;tag&quot;)">'
        '#tag</a> <a href="https://t.me/name">@name</a> <span class="spoiler hidden" '
        'onclick="ShowSpoiler(this)"><span aria-hidden="true">hid</span></span> '
        "<code>c</code><pre>p</pre> &amp;&lt;"
    )
    record = only(tmp_path, post(1, html))
    assert record.text == "Bold\n\n😀 it e.org/a here #tag @name hid cp &<"
    found = {
        entity["type"]: record.text.encode("utf-16-le")[
            2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])
        ].decode("utf-16-le")
        for entity in record.entities
    }
    assert found == {
        "bold": "Bold\n\n",
        "italic": "it",
        "url": "e.org/a",
        "text_url": "here",
        "hashtag": "#tag",
        "mention": "@name",
        "spoiler": "hid",
        "code": "c",
        "pre": "p",
    }
    assert (record.links, record.hashtags) == (["e.org/a", "https://x.org"], ["tag"])


def test_a_reply_may_lead_to_another_page(tmp_path: Path) -> None:
    link = '<div class="reply_to details">\nIn reply to <a href="{}">this message</a>\n</div>'
    record = only(tmp_path, post(7, "x", before=link.format("messages59.html#go_to_message59968")))
    assert record.reply_to == {"message_id": 59968}
    record = only(tmp_path, post(7, "x", before=link.format("#go_to_message6")))
    assert record.reply_to == {"message_id": 6}


def test_a_forward_has_its_own_name_and_date(tmp_path: Path) -> None:
    block = (
        '     <div class="message default clearfix" id="message8">\n      <div class="body">\n'
        '       <div class="pull_right date details" title="24.04.2026 10:00:00 UTC+00:00">\n10:00\n'
        '       </div>\n       <div class="from_name">\nAnn\n       </div>\n'
        '       <div class="forwarded body">\n        <div class="from_name">\nOther <span class="date'
        ' details" title="01.02.2026 03:04:05 UTC+00:00"> 01.02.2026 03:04:05</span>\n        </div>\n'
        '        <div class="text">\nwords\n        </div>\n       </div>\n      </div>\n     </div>\n'
    )
    record = only(tmp_path, block)
    assert (record.author, record.text) == ("Ann", "words")
    assert record.forward == {"from_name": "Other", "date": "2026-02-01T03:04:05+00:00"}


_MEDIA = (
    '<div class="media_wrap clearfix"><div class="media clearfix pull_left {0}"><div class="fill '
    'pull_left"></div><div class="body"><div class="title bold">{1}</div><div class="description">{2}'
    '</div><div class="status details">{3}</div></div></div></div>'
)


@pytest.mark.parametrize(
    ("block", "kind", "meta"),
    [
        (_MEDIA.format("media_file", "a.pdf", "", "2.0 MB"), "document", {"file_name": "a.pdf"}),
        (
            _MEDIA.format("media_photo", "Photo", "Not included, change …", "800x600, 1 MB"),
            "photo",
            {"width": 800, "height": 600},
        ),
        (_MEDIA.format("media_video", "Video file", "", "01:05, 3 MB"), "video", {"duration": 65}),
        (
            _MEDIA.format("media_voice_message", "Voice message", "", "00:07"),
            "voice",
            {"duration": 7},
        ),
        (
            _MEDIA.format("media_video", "Video message", "", "00:30"),
            "round_video",
            {"duration": 30},
        ),
        (
            _MEDIA.format("media_contact", "Ann B", "", "+1 2"),
            "contact",
            {"first_name": "Ann B", "phone_number": "+1 2"},
        ),
        (_MEDIA.format("media_photo", "Sticker", "", "😀, 9 KB"), "sticker", {"emoji": "😀"}),
        (
            _MEDIA.format("media_location", "Location", "", "55.5, -37.25"),
            "geo",
            {"lat": 55.5, "long": -37.25},
        ),
        (
            '<div class="media_wrap clearfix"><a class="photo_wrap clearfix" href="photos/a.jpg"><img class="photo"/></a></div>',
            "photo",
            {},
        ),
        ('<div class="media_wrap clearfix"><a class="something_new"></a></div>', "unknown", {}),
    ],
)
def test_media(tmp_path: Path, block: str, kind: str, meta: dict[str, object]) -> None:
    record = only(tmp_path, post(9, before=block))
    assert record.kind == kind
    assert record.media_meta == {"type": kind, **meta}


def test_a_poll_tells_its_answers_and_how_many_voted(tmp_path: Path) -> None:
    poll = (
        '<div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">Why?</div>'
        '<div class="details">Anonymous poll</div><div class="answer">- One</div><div class="answer">'
        '- Two</div><div class="total details">1,234 votes</div></div></div>'
    )
    record = only(tmp_path, post(10, before=poll))
    assert record.media_meta == {
        "type": "poll",
        "question": "Why?",
        "answers": [{"text": "One"}, {"text": "Two"}],
    }
    assert record.attached == {"poll": {"total": 1234}}


def test_reactions_by_count_by_pictures_and_paid(tmp_path: Path) -> None:
    reactions = (
        '<span class="reactions"><span class="reaction"><span class="emoji">👍</span><span '
        'class="count">12</span></span><span class="reaction"><span class="emoji">🔥</span><span '
        'class="userpics"><div class="userpic userpic1"></div><div class="userpic userpic2"></div>'
        '</span></span><span class="reaction paid"><span class="emoji">⭐</span><span class="count">3'
        "</span></span></span>"
    )
    record = only(tmp_path, post(11, "x", after=reactions))
    assert record.reactions == {"👍": 12, "🔥": 2, "paid": 3}


def test_a_block_that_cannot_be_read_is_told_and_stops_no_other(tmp_path: Path) -> None:
    page(tmp_path / "messages.html", [post(1, "a", date="yesterday"), post(2, "b")])
    (portion,) = portions(tmp_path)
    assert [bad.message_id for bad in portion.page.unparsed] == [1]
    assert [record.message_id for record in portion.page.records] == [2]


def test_of_a_page_that_ends_in_the_middle_what_is_there_comes_first(tmp_path: Path) -> None:
    path = page(tmp_path / "messages.html", [post(number, "x") for number in range(1, 9)])
    path.write_bytes(path.read_bytes()[:2_000])
    found: list[MessageRecord] = []
    with pytest.raises(DataError, match="ends in the middle"):
        found.extend(
            record
            for portion in HtmlExport(Folder(tmp_path)).portions()
            for record in portion.page.records
        )
    assert [record.message_id for record in found] == [1, 2, 3, 4, 5]
