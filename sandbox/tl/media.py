"""Media as TL (https://core.telegram.org/type/MessageMedia)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.tl import files, images, rare
from sandbox.tl.content import identity
from sandbox.tl.rare import text as _plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.world.model import Media

THIS_DC = 2
# A second data centre, at the same address: some pictures are only there.
OTHER_DC = 4


def build(media: Media, date: int, dc_id: int = THIS_DC) -> Any:
    """The media object; file references are marks to be filled."""
    make = _MAKERS.get(media.kind, _document)
    return make(media, date, media.dc or dc_id)


def access_hash(file_id: int) -> int:
    """Of files; unlike a channel's it is the same for everybody."""
    digest = hashlib.blake2b(file_id.to_bytes(8, "little"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _when(date: int) -> datetime:
    return datetime.fromtimestamp(date, UTC)


def photo_object(media: Media, date: int, dc_id: int = THIS_DC) -> Any:
    """``photo`` with a stripped thumbnail and its sizes."""
    sizes = [
        types.PhotoStrippedSize("i", images.stripped(identity(media), media.width, media.height))
    ]
    for letter in files.photo_letters(media):
        width, height = files.photo_size(media, letter)
        size = images.jpeg_size(identity(media), width, height)
        if letter == "y":
            sizes.append(
                types.PhotoSizeProgressive(letter, width, height, [size // 4, size // 2, size])
            )
        else:
            sizes.append(types.PhotoSize(letter, width, height, size))
    return types.Photo(media.id, access_hash(media.id), files.MARK, _when(date), sizes, dc_id)


def chat_photo_object(media: Media, date: int, dc_id: int = THIS_DC) -> Any:
    """The picture of a channel as ``photo``: cropped to a square, in sizes of its own."""
    sizes: list[Any] = [types.PhotoStrippedSize("i", images.stripped(identity(media), 40, 40))]
    for letter, _ in files.CHAT_SIZES:
        width, height = files.photo_size(media, letter)
        size = images.jpeg_size(identity(media), width, height)
        sizes.append(types.PhotoSize(letter, width, height, size))
    return types.Photo(media.id, access_hash(media.id), files.MARK, _when(date), sizes, dc_id)


def _photo(media: Media, date: int, dc_id: int) -> Any:
    """One that destroyed itself has no photo left (https://core.telegram.org/api/files)."""
    facts = media.facts or {}
    return types.MessageMediaPhoto(
        photo=None if facts.get("expired") else photo_object(media, date, dc_id),
        spoiler=media.spoiler or None,
        ttl_seconds=facts.get("ttl_seconds"),
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
        number = (media.facts or {}).get("sticker_set_id")
        of = types.InputStickerSetID(number, 1) if number else types.InputStickerSetEmpty()
        mask = (media.facts or {}).get("mask")
        out.append(types.DocumentAttributeSticker(media.emoji, of, mask))
    if media.file_name:
        out.append(types.DocumentAttributeFilename(media.file_name))
    return out


def _document(media: Media, date: int, dc_id: int) -> Any:
    thumbs = None
    if media.width:
        width, height = files.photo_size(media, "m")
        size = images.jpeg_size(identity(media), width, height)
        thumbs = [
            types.PhotoStrippedSize(
                "i", images.stripped(identity(media), media.width, media.height)
            ),
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
        ttl_seconds=(media.facts or {}).get("ttl_seconds"),
        video=media.kind == "video" or None,
        round=media.kind == "round" or None,
        voice=media.kind == "voice" or None,
    )


_POLL_FLAGS = (
    "public_voters",
    "multiple_choice",
    "open_answers",
    "revoting_disabled",
    "shuffle_answers",
    "hide_results_until_close",
    "subscribers_only",
    "countries_iso2",
    "close_period",
)


def _poll(media: Media, date: int, _dc: int) -> Any:
    """See <https://core.telegram.org/constructor/messageMediaPoll>."""
    quiz = media.kind == "quiz"
    facts = media.facts or {}
    options = [str(number).encode() for number in range(len(media.options))]
    poll = types.Poll(
        media.id,
        _plain(media.title),
        [types.PollAnswer(_plain(t), o) for t, o in zip(media.options, options, strict=True)],
        0,
        closed=media.closed or None,
        quiz=quiz or None,
        **{name: facts[name] for name in _POLL_FLAGS if facts.get(name)},
    )
    if facts.get("close_date"):
        poll.close_date = _when(facts["close_date"])
    for one in facts.get("added", ()):
        option = str(len(poll.answers)).encode()
        by = types.PeerUser(one["by"])
        poll.answers.append(
            types.PollAnswer(_plain(one["text"]), option, added_by=by, date=_when(date))
        )
    if not media.votes:  # who has not voted sees how many did, and no more
        total = facts.get("total_voters", 0)
        return types.MessageMediaPoll(poll, types.PollResults(min=True, total_voters=total))
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
    """One that the server has yet to look at is pending, one that has nothing to show is empty."""
    facts = media.facts or {}
    if facts.get("state") == "pending":
        page = types.WebPagePending(media.id, _when(date), url=media.url)
        return types.MessageMediaWebPage(page)
    if facts.get("state") == "empty":
        return types.MessageMediaWebPage(types.WebPageEmpty(media.id, url=media.url))
    return types.MessageMediaWebPage(
        types.WebPage(
            media.id,
            media.url,
            media.url.removeprefix("https://"),
            0,
            type=facts.get("type", "article"),
            author=facts.get("author"),
            has_large_media=facts.get("large"),
            site_name=media.performer or None,
            title=media.title or None,
            description=media.text or None,
            photo=photo_object(media, date, dc_id) if media.width else None,
        )
    )


def _point(media: Media) -> Any:
    radius = (media.facts or {}).get("accuracy_radius")
    return types.GeoPoint(media.longitude, media.latitude, access_hash(media.id), radius)


def _geo(media: Media, _date: int, _dc: int) -> Any:
    return types.MessageMediaGeo(_point(media))


def _venue(media: Media, _date: int, _dc: int) -> Any:
    return types.MessageMediaVenue(
        _point(media), media.title, media.text, "foursquare", f"{media.id:x}", "food/cafe"
    )


def _contact(media: Media, _date: int, _dc: int) -> Any:
    facts = media.facts or {}
    return types.MessageMediaContact(
        media.phone,
        media.title,
        media.performer,
        facts.get("vcard", ""),
        facts.get("user_id", 0),
    )


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
    "live_location": lambda media, _date, _dc: rare.live_location(media, _point(media)),
    "game": lambda media, date, dc: rare.game(media, photo_object(media, date, dc)),
    "invoice": lambda media, _date, _dc: rare.invoice(media),
    "giveaway": lambda media, _date, _dc: rare.giveaway(media),
    "giveaway_results": lambda media, _date, _dc: rare.giveaway_results(media),
    "story": lambda media, _date, _dc: rare.story(media, build),
    "paid_media": lambda media, date, _dc: rare.paid_media(media, build, date),
    "todo": lambda media, _date, _dc: rare.todo(media),
    "unsupported": lambda _media, _date, _dc: types.MessageMediaUnsupported(),
    "video_stream": lambda media, _date, _dc: rare.video_stream(media),
}
