"""Blocks of the preview → records."""

import asyncio
from datetime import timedelta

import pytest

from ingestion.records import MessageRecord, Page
from ingestion.sources.base import ChannelAddress
from ingestion.sources.web_preview import WebPreview
from ingestion.sources.web_preview.page import count_of
from tests.ingestion.sources.web_preview.site import WHEN, Shown

HERE = ChannelAddress(-1_001_600_000_001, 0)


def read(shown: Shown) -> Page:
    source = WebPreview(
        shown.name, lambda _: shown.page(before=None, after=None), base_url="https://t.me"
    )
    return asyncio.run(source.page(HERE, low=1, high=None))


def only(**fields: str) -> MessageRecord:
    shown = Shown("name")
    shown.write(7, **fields)
    (record,) = read(shown).records
    return record


@pytest.mark.parametrize(
    ("text", "count"),
    [("2.38M", 2_380_000), ("1.2K", 1_200), ("847", 847), ("10.7M subscribers", 10_700_000), ("1 B", 10**9), ("", None), ("none", None)],
)  # fmt: skip
def test_counts_as_people_read_them(text: str, count: int | None) -> None:
    assert count_of(text) == count


def test_a_text_with_entities_its_date_views_and_author() -> None:
    record = only(
        html='<b>Bold</b> <i class="emoji" style="…"><b>⚠️</b></i> <a href="?q=%23tag">#tag</a><br/>'
        '<a href="https://t.me/other" target="_blank">@other</a> <a href="https://e.org/">e.org</a>'
        '<tg-spoiler>hid</tg-spoiler> <tg-emoji emoji-id="5"><i class="emoji"><b>😀</b></i></tg-emoji>'
        "<blockquote expandable>q</blockquote>",
        views="2.38M",
        meta='<span class="tgme_widget_message_from_author" dir="auto">Ann</span>, edited  ',
    )
    assert record.text == "Bold ⚠️ #tag\n@other e.orghid 😀q"
    assert [(one["type"], one["offset"], one["length"]) for one in record.entities] == [
        ("bold", 0, 4),
        ("hashtag", 8, 4),
        ("mention", 13, 6),
        ("url", 20, 5),
        ("spoiler", 25, 3),
        ("custom_emoji", 29, 2),
        ("blockquote", 31, 1),
    ]
    assert record.entities[-1]["collapsed"]
    assert (record.date, record.views, record.author) == (
        WHEN + timedelta(minutes=7),
        2_380_000,
        "Ann",
    )
    assert record.attached == {"edited": True}
    assert record.edit_date is None
    assert record.hashtags == ["tag"]


def test_a_reply_is_not_taken_for_the_text() -> None:
    record = only(
        html="Mine",
        inside='<a class="tgme_widget_message_reply" href="https://t.me/name/5"><div class="tgme_widget_'
        'message_text js-message_reply_text">Theirs</div></a>',
    )
    assert (record.text, record.reply_to) == ("Mine", {"message_id": 5})


def test_a_forward_names_its_origin() -> None:
    record = only(
        html="x",
        inside='<div class="tgme_widget_message_forwarded_from">Forwarded from <a class="tgme_widget_'
        'message_forwarded_from_name" href="https://t.me/origin/88"><span>Origin</span></a></div>',
    )
    assert record.forward == {"from_name": "Origin", "channel_post": 88}


def test_an_album_is_one_block_and_several_messages() -> None:
    item = (
        '<a class="tgme_widget_message_photo_wrap grouped_media_wrap 5792106141801189{0} 1" '
        'href="https://t.me/name/{0}?single" style="background-image:url(\'https://c.org/{0}.jpg\')"></a>'
    )
    video = (
        '<a class="tgme_widget_message_video_player grouped_media_wrap not_supported" '
        'href="https://t.me/name/102?single"><time class="message_video_duration">1:05</time></a>'
    )
    shown = Shown("name")
    shown.write(
        100,
        html='<div class="tgme_widget_message_text js-message_text">Words</div>',
        inside='<div class="tgme_widget_message_grouped_wrap"><div class="tgme_widget_message_grouped">'
        + item.format(100) + item.format(101) + video + "</div></div>",
        album=True,
        reactions='<div class="tgme_widget_message_reactions"><span class="tgme_reaction"><i class='
        '"emoji"><b>👍</b></i>3</span></div>',
    )  # fmt: skip
    page = read(shown)
    assert [(one.message_id, one.kind, one.text, one.grouped_id) for one in page.records] == [
        (102, "video", "", 100),
        (101, "photo", "", 100),
        (100, "photo", "Words", 100),
    ]
    assert page.records[2].reactions == {"👍": 3}
    assert page.records[2].media_meta == {"type": "photo", "id": "5792106141801189100"}
    assert page.records[0].media_meta == {"type": "video", "duration": 65}
    assert not page.proves_absence


def test_reactions_before_or_after_the_footer() -> None:
    reactions = (
        '<div class="tgme_widget_message_reactions"><span class="tgme_reaction tgme_reaction_paid"><i '
        'class="icon"></i>49.1K</span><span class="tgme_reaction"><tg-emoji emoji-id="53"></tg-emoji>2K'
        '</span><span class="tgme_reaction"><i class="emoji"><b>❤</b></i>190</span></div>'
    )
    expected = {"paid": 49_100, "custom:53": 2_000, "❤": 190}
    assert only(html="x", reactions=reactions).reactions == expected
    assert only(html="x", after=reactions).reactions == expected


def test_a_poll_a_link_preview_and_buttons() -> None:
    record = only(
        inside='<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Q?</div>'
        '<div class="tgme_widget_message_poll_type">Anonymous Quiz</div><div class="tgme_widget_message_'
        'poll_option_text">One</div><div class="tgme_widget_message_poll_option_text">Two</div></div>'
        '<span class="tgme_widget_message_voters">1.5K</span>',
        html="",
    )
    assert record.media_meta == {
        "type": "quiz",
        "question": "Q?",
        "answers": [{"text": "One"}, {"text": "Two"}],
    }
    assert record.attached == {"poll": {"total": 1500}}
    record = only(
        html="x",
        inside='<a class="tgme_widget_message_link_preview" href="https://e.org/a"><div class="link_preview_'
        'site_name">E</div><div class="link_preview_title">T</div></a>',
        after='<div class="tgme_widget_message_inline_row"><a class="tgme_widget_message_inline_button" '
        'href="https://e.org/b"><span>Go</span></a></div>',
    )
    assert record.media_meta == {"type": "webpage", "url": "https://e.org/a"}
    assert record.attached == {
        "preview": {"site": "E", "title": "T"},
        "buttons": [[{"text": "Go", "type": "url", "url": "https://e.org/b"}]],
    }


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ('<div class="tgme_widget_message_sticker_wrap"></div>', "sticker"),
        ('<a class="tgme_widget_message_voice_player"></a>', "voice"),
        ('<a class="tgme_widget_message_document_wrap"></a>', "document"),
        (
            '<a class="tgme_widget_message_location_wrap" href="https://maps.google.com/maps?q=1.5,-2.5"></a>',
            "geo",
        ),
        ('<a class="tgme_widget_message_video_player"><video src="a"></video></a>', "animation"),
        ('<div class="message_media_not_supported"></div>', "unknown"),
    ],
)
def test_other_media(inside: str, kind: str) -> None:
    assert only(html="", inside=inside).kind == kind


def test_a_service_block_is_a_service_message() -> None:
    record = only(html="Channel created", classes="service_message")
    assert (record.kind, record.text) == ("service", "")
    assert record.media_meta == {"type": "service", "action": "channel_create"}


def test_a_block_that_cannot_be_read_stops_no_other() -> None:
    shown = Shown("name")
    shown.write(1, 2)
    shown.posts[1] = shown.posts[1].replace("datetime=", "data-time=")
    page = read(shown)
    assert [one.message_id for one in page.records] == [2]
    assert [one.message_id for one in page.unparsed] == [1]
