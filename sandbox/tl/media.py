"""Media as TL (https://core.telegram.org/type/MessageMedia)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.tl import files, images

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.world.model import Media

THIS_DC = 2
# A second data centre, at the same address: some pictures are only there.
OTHER_DC = 4


def build(media: Media, date: int, dc_id: int = THIS_DC) -> Any:
    """The media object; file references are marks to be filled."""
    make = _MAKERS.get(media.kind, _document)
    return make(media, date, dc_id)


def access_hash(file_id: int) -> int:
    """Of files; unlike a channel's it is the same for everybody."""
    digest = hashlib.blake2b(file_id.to_bytes(8, "little"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _when(date: int) -> datetime:
    return datetime.fromtimestamp(date, UTC)


def photo_object(media: Media, date: int, dc_id: int = THIS_DC) -> Any:
    """``photo`` with a stripped thumbnail and its sizes."""
    sizes = [types.PhotoStrippedSize("i", images.stripped(media.id, media.width, media.height))]
    for letter in files.photo_letters(media):
        width, height = files.photo_size(media, letter)
        size = images.jpeg_size(media.id, width, height)
        if letter == "y":
            sizes.append(
                types.PhotoSizeProgressive(letter, width, height, [size // 4, size // 2, size])
            )
        else:
            sizes.append(types.PhotoSize(letter, width, height, size))
    return types.Photo(media.id, access_hash(media.id), files.MARK, _when(date), sizes, dc_id)


def chat_photo_object(media: Media, date: int, dc_id: int = THIS_DC) -> Any:
    """The picture of a channel as ``photo``: cropped to a square, in sizes of its own."""
    sizes: list[Any] = [types.PhotoStrippedSize("i", images.stripped(media.id, 40, 40))]
    for letter, _ in files.CHAT_SIZES:
        width, height = files.photo_size(media, letter)
        size = images.jpeg_size(media.id, width, height)
        sizes.append(types.PhotoSize(letter, width, height, size))
    return types.Photo(media.id, access_hash(media.id), files.MARK, _when(date), sizes, dc_id)


def _photo(media: Media, date: int, dc_id: int) -> Any:
    return types.MessageMediaPhoto(
        photo=photo_object(media, date, dc_id), spoiler=media.spoiler or None
    )


def _attributes(media: Media) -> list[Any]:
    out: list[Any] = []
    kind = media.kind
    if kind in {"video", "round", "animation"}:
        out.append(
            types.DocumentAttributeVideo(
                float(media.duration),
                media.width,
                media.height,
                round_message=kind == "round" or None,
                supports_streaming=kind == "video" or None,
                nosound=kind == "animation" or None,
            )
        )
    if kind == "animation":
        out.append(types.DocumentAttributeAnimated())
    if kind in {"voice", "audio"}:
        out.append(
            types.DocumentAttributeAudio(
                media.duration,
                voice=kind == "voice" or None,
                title=media.title or None,
                performer=media.performer or None,
                waveform=media.id.to_bytes(8, "little") * 8 if kind == "voice" else None,
            )
        )
    if kind == "sticker":
        out.append(types.DocumentAttributeImageSize(media.width, media.height))
        out.append(types.DocumentAttributeSticker(media.emoji, types.InputStickerSetEmpty()))
    if media.file_name:
        out.append(types.DocumentAttributeFilename(media.file_name))
    return out


def _document(media: Media, date: int, dc_id: int) -> Any:
    thumbs = None
    if media.width:
        width, height = files.photo_size(media, "m")
        size = images.jpeg_size(media.id, width, height)
        thumbs = [
            types.PhotoStrippedSize("i", images.stripped(media.id, media.width, media.height)),
            types.PhotoSize("m", width, height, size),
        ]
    document = types.Document(
        media.id,
        access_hash(media.id),
        files.MARK,
        _when(date),
        media.mime,
        media.size,
        dc_id,
        _attributes(media),
        thumbs,
    )
    return types.MessageMediaDocument(
        document=document,
        spoiler=media.spoiler or None,
        video=media.kind == "video" or None,
        round=media.kind == "round" or None,
        voice=media.kind == "voice" or None,
    )


def _plain(text: str) -> Any:
    return types.TextWithEntities(text, [])


def _poll(media: Media, _date: int, _dc: int) -> Any:
    """See <https://core.telegram.org/constructor/messageMediaPoll>."""
    quiz = media.kind == "quiz"
    options = [str(number).encode() for number in range(len(media.options))]
    poll = types.Poll(
        media.id,
        _plain(media.title),
        [types.PollAnswer(_plain(t), o) for t, o in zip(media.options, options, strict=True)],
        0,
        closed=media.closed or None,
        quiz=quiz or None,
    )
    voters = [
        types.PollAnswerVoters(
            o, voters=v, recent_voters=[], correct=(quiz and n == media.correct) or None
        )
        for n, (o, v) in enumerate(zip(options, media.votes, strict=True))
    ]
    results = types.PollResults(
        results=voters,
        total_voters=sum(media.votes),
        solution=media.text or None,
        solution_entities=[] if media.text else None,
    )
    return types.MessageMediaPoll(poll, results)


def _webpage(media: Media, date: int, dc_id: int) -> Any:
    return types.MessageMediaWebPage(
        types.WebPage(
            media.id,
            media.url,
            media.url.removeprefix("https://"),
            0,
            type="article",
            site_name=media.performer or None,
            title=media.title or None,
            description=media.text or None,
            photo=photo_object(media, date, dc_id) if media.width else None,
        )
    )


def _point(media: Media) -> Any:
    return types.GeoPoint(media.longitude, media.latitude, access_hash(media.id))


def _geo(media: Media, _date: int, _dc: int) -> Any:
    return types.MessageMediaGeo(_point(media))


def _venue(media: Media, _date: int, _dc: int) -> Any:
    return types.MessageMediaVenue(
        _point(media), media.title, media.text, "foursquare", f"{media.id:x}", "food/cafe"
    )


def _contact(media: Media, _date: int, _dc: int) -> Any:
    return types.MessageMediaContact(media.phone, media.title, media.performer, "", 0)


def _dice(media: Media, _date: int, _dc: int) -> Any:
    return types.MessageMediaDice(media.value, media.emoji)


_MAKERS: dict[str, Callable[[Media, int, int], Any]] = {
    "photo": _photo,
    "poll": _poll,
    "quiz": _poll,
    "webpage": _webpage,
    "geo": _geo,
    "venue": _venue,
    "contact": _contact,
    "dice": _dice,
}
