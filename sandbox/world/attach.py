"""Media that generated messages carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.world.model import Media

if TYPE_CHECKING:
    from random import Random

    from sandbox.world.voices import Voice

#: Where songs and animations are kept, so that every client has to go there.
OTHER_DC = 4
_SIZES = ((800, 600), (600, 800), (1280, 720), (720, 720), (1080, 1350), (640, 360))
_STICKERS = ("👍", "😂", "🤯", "🥳", "🫡")
_DICE = (("🎲", 6), ("🎯", 6), ("🏀", 5), ("⚽", 5), ("🎳", 6), ("🎰", 64))
_PLACES = (
    ("Lighthouse café", "1 Quay Road", 57.15, -2.09),
    ("Музей порта", "наб. Седова, 4", 64.54, 40.51),
    ("神保町", "千代田区", 35.6959, 139.7577),
)


def file_id(channel_id: int, message_id: int) -> int:
    """The id of the medium that a generated message carries: tells where to find it."""
    return 1 << 62 | channel_id << 30 | message_id


def home(number: int) -> tuple[int, int]:
    """Channel and message of such an id."""
    return (number >> 30) & (1 << 32) - 1, number & (1 << 30) - 1


def photo(rng: Random, number: int) -> Media:
    """A photo; its bytes are made when somebody asks for them."""
    width, height = _SIZES[int(rng.random() * len(_SIZES))]
    return Media("photo", number, width=width, height=height, spoiler=rng.random() < 0.03)


def video(rng: Random, number: int) -> Media:
    width, height = _SIZES[int(rng.random() * len(_SIZES))]
    return Media(
        "video",
        number,
        size=40_000 + int(rng.random() * 200_000),
        mime="video/mp4",
        file_name="clip.mp4" if rng.random() < 0.5 else "",
        width=width,
        height=height,
        duration=2 + int(rng.random() * 120),
    )


def document(rng: Random, number: int, voice: Voice) -> Media:
    name = voice.files[int(rng.random() * len(voice.files))]
    mime = {
        "pdf": "application/pdf",
        "csv": "text/csv",
        "png": "image/png",
        "txt": "text/plain",
        "ogg": "audio/ogg",
        "svg": "image/svg+xml",
    }.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    size = 500 + int(rng.random() ** 4 * 400_000)
    return Media("document", number, size=size, mime=mime, file_name=name)


def other(rng: Random, number: int, voice: Voice) -> Media:
    """Everything rarer: voice, round, sticker, places, contacts, polls, previews."""
    roll = rng.random()
    if roll < 0.16:
        return Media(
            "voice",
            number,
            size=3_000 + int(rng.random() * 30_000),
            mime="audio/ogg",
            duration=1 + int(rng.random() * 90),
        )
    if roll < 0.24:
        return Media(
            "audio",
            number,
            size=60_000 + int(rng.random() * 90_000),
            mime="audio/mpeg",
            file_name="song.mp3",
            duration=180,
            title=voice.write(rng, "headlines"),
            performer="The Tides",
            dc=OTHER_DC,
        )
    if roll < 0.30:
        return Media(
            "round",
            number,
            size=50_000 + int(rng.random() * 50_000),
            mime="video/mp4",
            width=384,
            height=384,
            duration=1 + int(rng.random() * 59),
        )
    if roll < 0.38:
        return Media(
            "animation",
            number,
            size=20_000 + int(rng.random() * 50_000),
            mime="video/mp4",
            file_name="anim.gif.mp4",
            width=320,
            height=240,
            duration=3,
            dc=OTHER_DC,
        )
    if roll < 0.56:
        return Media(
            "sticker",
            number,
            size=9_000 + int(rng.random() * 20_000),
            mime="image/webp",
            file_name="sticker.webp",
            width=512,
            height=512,
            emoji=_STICKERS[int(rng.random() * len(_STICKERS))],
        )
    return _pinned_down(rng, number, voice, roll)


def _pinned_down(rng: Random, number: int, voice: Voice, roll: float) -> Media:
    if roll < 0.66:
        title, address, lat, long = _PLACES[int(rng.random() * len(_PLACES))]
        kind = "venue" if rng.random() < 0.5 else "geo"
        return Media(kind, number, title=title, text=address, latitude=lat, longitude=long)
    if roll < 0.70:
        return Media("contact", title="Harbor", performer="Desk", phone="442079460018")
    if roll < 0.76:
        emoji, faces = _DICE[int(rng.random() * len(_DICE))]
        return Media("dice", emoji=emoji, value=1 + int(rng.random() * faces))
    return webpage(rng, number, voice)


def webpage(rng: Random, number: int, voice: Voice) -> Media:
    """A link preview (https://core.telegram.org/constructor/messageMediaWebPage)."""
    return Media(
        "webpage",
        number,
        url="https://example.org/a/" + str(int(rng.random() * 9999)),
        title=voice.write(rng, "headlines"),
        text=voice.write(rng, "sentences"),
        performer="Example",
        width=600 if rng.random() < 0.4 else 0,
        height=400,
    )


def poll(rng: Random, number: int, voice: Voice) -> Media:
    """A poll or a quiz with votes (https://core.telegram.org/api/poll)."""
    if voice.questions:
        question, options = voice.questions[int(rng.random() * len(voice.questions))]
    else:
        question = voice.write(rng, "headlines") + "?"
        options = ("👍", "👎", voice.write(rng, "answers"))
    votes = tuple(int(rng.random() * 400) for _ in options)
    quiz = rng.random() < 0.4
    return Media(
        "quiz" if quiz else "poll",
        number,
        title=question,
        options=options,
        votes=votes,
        correct=int(rng.random() * len(options)) if quiz else -1,
        text=voice.write(rng, "sentences") if quiz else "",
        closed=rng.random() < 0.3,
    )
