"""Media: kind and identity."""

from typing import Any

import pytest
from telethon.tl import types

from ingestion.sources.mtproto.mapping import map_message
from tests.ingestion.sources.mtproto.samples import DATE, MARKED, message


def document(*attributes: Any, mime: str = "video/mp4", **fields: Any) -> types.Document:
    given = {
        "id": 5467545019084709181,
        "access_hash": 1,
        "file_reference": b"\x02",
        "date": DATE,
        "mime_type": mime,
        "size": 38774724,
        "dc_id": 2,
        "attributes": list(attributes),
        **fields,
    }
    return types.Document(**given)


def record_of(media: Any) -> Any:
    return map_message(message(media=media))


VIDEO = types.DocumentAttributeVideo(15.0, 1080, 1920)
ROUND = types.DocumentAttributeVideo(15.0, 384, 384, round_message=True)
GIF = types.DocumentAttributeAnimated()
STICKER = types.DocumentAttributeSticker("😀", types.InputStickerSetID(9, 1))


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ([], "document"),
        ([VIDEO], "video"),
        ([ROUND], "round_video"),
        ([VIDEO, GIF], "animation"),
        ([STICKER], "sticker"),
        ([VIDEO, STICKER], "sticker"),
        ([types.DocumentAttributeAudio(3, voice=True)], "voice"),
        ([types.DocumentAttributeAudio(3)], "audio"),
        ([types.DocumentAttributeImageSize(10, 10)], "document"),
    ],
)
def test_kinds_of_documents(attributes: list[Any], kind: str) -> None:
    record = record_of(types.MessageMediaDocument(document=document(*attributes)))
    assert record.kind == kind
    assert record.media_meta["type"] == kind


def test_a_video() -> None:
    thumbs = [types.PhotoStrippedSize("i", b"\x01\x02"), types.PhotoSize("m", 180, 320, 14683)]
    name = types.DocumentAttributeFilename("IMG_0700.MP4")
    media = types.MessageMediaDocument(document=document(VIDEO, name, thumbs=thumbs), spoiler=True)
    assert record_of(media).media_meta == {
        "type": "video",
        "id": "5467545019084709181",
        "mime": "video/mp4",
        "size": 38774724,
        "width": 1080,
        "height": 1920,
        "duration": 15,
        "file_name": "IMG_0700.MP4",
        "thumb": "AQI=",
        "spoiler": True,
    }


def test_converted_qualities_are_no_edit() -> None:
    before = types.MessageMediaDocument(document=document(VIDEO))
    after = types.MessageMediaDocument(
        document=document(VIDEO, file_reference=b"\x09", access_hash=7),
        alt_documents=[document(VIDEO)],
    )
    assert record_of(before).content_hash() == record_of(after).content_hash()


def test_a_photo_is_described_by_its_largest_size() -> None:
    photo = types.Photo(
        id=5472195511344806841,
        access_hash=1,
        file_reference=b"\x01",
        date=DATE,
        dc_id=2,
        sizes=[
            types.PhotoStrippedSize("i", b"\x01"),
            types.PhotoSizeProgressive("y", 1280, 853, [16931, 156605]),
            types.PhotoSize("m", 320, 213, 16378),
        ],
    )
    record = record_of(types.MessageMediaPhoto(photo=photo))
    assert record.kind == "photo"
    assert record.media_meta == {
        "type": "photo",
        "id": "5472195511344806841",
        "width": 1280,
        "height": 853,
        "size": 156605,
        "thumb": "AQ==",
    }


def test_media_that_expired() -> None:
    photo = record_of(types.MessageMediaPhoto(ttl_seconds=10))
    assert photo.media_meta == {"type": "photo", "ttl_seconds": 10}
    voice = record_of(types.MessageMediaDocument(voice=True, ttl_seconds=10))
    assert (voice.kind, voice.media_meta) == ("voice", {"type": "voice", "ttl_seconds": 10})


def test_a_preview_that_was_loaded_later_is_no_edit() -> None:
    pending = types.WebPagePending(7, DATE, url="https://example.org/")
    loaded = types.WebPage(
        7, "https://example.org/", "example.org", hash=3, title="Example", description="Long"
    )
    first, second = (record_of(types.MessageMediaWebPage(page)) for page in (pending, loaded))
    assert first.kind == second.kind == "text"
    assert second.media_meta == {"type": "webpage", "id": "7", "url": "https://example.org/"}
    assert first.content_hash() == second.content_hash()


def poll(voters: int, *, closed: bool) -> types.MessageMediaPoll:
    def words(text: str) -> types.TextWithEntities:
        return types.TextWithEntities(text, [])

    return types.MessageMediaPoll(
        types.Poll(
            id=3,
            question=words("Which?"),
            answers=[types.PollAnswer(words("This"), b"0"), types.PollAnswer(words("That"), b"1")],
            hash=voters,
            closed=closed,
        ),
        types.PollResults(
            results=[types.PollAnswerVoters(b"0", voters=voters)], total_voters=voters
        ),
    )


def test_votes_are_no_edit() -> None:
    early, late = record_of(poll(1, closed=False)), record_of(poll(900, closed=True))
    assert early.kind == "poll"
    assert early.media_meta["question"] == "Which?"
    assert [answer["text"] for answer in early.media_meta["answers"]] == ["This", "That"]
    assert early.content_hash() == late.content_hash()


def test_places() -> None:
    point = types.GeoPoint(13.4, 52.5, 99)
    assert record_of(types.MessageMediaGeo(point)).media_meta == {
        "type": "geo",
        "lat": 52.5,
        "long": 13.4,
    }
    live = [record_of(types.MessageMediaGeoLive(types.GeoPoint(x, 1.0, 9), 60)) for x in (1.0, 2.0)]
    assert live[0].kind == "live_location"
    assert live[0].content_hash() != live[1].content_hash()
    assert record_of(types.MessageMediaGeo(types.GeoPointEmpty())).media_meta == {"type": "geo"}


def test_stories_and_giveaways_name_channels_by_their_marked_ids() -> None:
    story = record_of(types.MessageMediaStory(types.PeerChannel(1234567890), 5))
    assert story.media_meta == {"type": "story", "peer_id": str(MARKED), "story_id": 5}
    giveaway = record_of(types.MessageMediaGiveaway([1234567890], 10, DATE))
    assert giveaway.media_meta["channels"] == [str(MARKED)]
    assert giveaway.media_meta["until"] == "2024-05-17T12:30:05+00:00"


def test_a_checklist() -> None:
    def words(text: str) -> types.TextWithEntities:
        return types.TextWithEntities(text, [])

    todo = types.TodoList(words("Pack"), [types.TodoItem(1, words("Socks"))])
    plain = record_of(types.MessageMediaToDo(todo))
    ticked = record_of(
        types.MessageMediaToDo(todo, [types.TodoCompletion(1, types.PeerUser(2), DATE)])
    )
    assert plain.media_meta == {
        "type": "todo",
        "title": "Pack",
        "items": [{"id": 1, "text": "Socks"}],
    }
    assert plain.content_hash() == ticked.content_hash()
