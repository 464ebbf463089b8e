"""Every medium that a message can carry (https://core.telegram.org/type/MessageMedia)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.world.model import Media, marked_channel

if TYPE_CHECKING:
    from collections.abc import Iterator

#: An album: up to ten, posted at once (https://core.telegram.org/api/files#albums-grouped-media).
ALBUM = (
    Media("photo", width=1_280, height=720),
    Media("photo", width=600, height=800),
    Media("video", 0, 90_000, "video/mp4", "quay.mp4", 640, 360, 14),
    Media("photo", width=720, height=720, spoiler=True),
)


def media(people: tuple[int, ...], channel: int, start: int) -> Iterator[Media]:
    """Each at least once, the files first. Ids that are 0 are given by whoever asks."""
    yield from _files()
    yield from _polls(people, start)
    yield from _places()
    yield from _previews()
    yield Media("contact", title="Harbor", performer="Desk", phone="442079460018")
    vcard = "BEGIN:VCARD\nFN:Ann\nEND:VCARD"
    yield Media("contact", title="Ann", phone="1555", facts={"vcard": vcard, "user_id": people[0]})
    for emoji, value in (("🎲", 5), ("🎯", 6), ("🏀", 4), ("⚽", 3), ("🎳", 1), ("🎰", 64)):
        yield Media("dice", emoji=emoji, value=value)
    yield Media(
        "game",
        file_name="tidepool",
        title="Tide Pool",
        text="Catch what the sea left.",
        width=640,
        height=360,
    )
    yield Media(
        "invoice",
        title="Berth 12",
        text="One night, water included.",
        facts={"currency": "EUR", "total_amount": 2_450, "test": True},
    )
    yield from _giveaways(people, channel, start)
    yield from _stories(people, start)
    yield Media(
        "paid_media",
        facts={
            "stars_amount": 50,
            "items": [
                {"width": 640, "height": 480},
                {"width": 720, "height": 1_280, "duration": 31},
            ],
        },
    )
    yield Media(
        "paid_media",
        facts={"stars_amount": 25, "items": [{"width": 800, "height": 600, "bought": True}]},
    )
    yield from _todos(people, start)
    yield Media("unsupported")
    yield Media("video_stream")


def _files() -> Iterator[Media]:
    yield Media("photo", width=1_280, height=720)
    yield Media("photo", width=800, height=600, spoiler=True)
    yield Media("photo", width=800, height=600, facts={"ttl_seconds": 10, "expired": True})
    yield Media("video", 0, 90_000, "video/mp4", "ferry.mp4", 1_280, 720, 42)
    yield Media("round", 0, 60_000, "video/mp4", "", 384, 384, 9)
    yield Media("animation", 0, 30_000, "video/mp4", "waves.gif.mp4", 320, 240, 3)
    yield Media("voice", 0, 9_000, "audio/ogg", duration=12)
    yield Media(
        "audio",
        0,
        80_000,
        "audio/mpeg",
        "shanty.mp3",
        duration=180,
        title="Лодка",
        performer="The Tides",
    )
    yield Media("document", 0, 12_000, "application/pdf", "جدول المد.pdf")
    yield Media("sticker", 0, 9_000, "image/webp", "sticker.webp", 512, 512, emoji="🫡")
    yield Media(
        "sticker",
        0,
        9_000,
        "image/webp",
        "mask.webp",
        512,
        512,
        emoji="🥸",
        facts={"sticker_set_id": 8_100_000_001, "mask": True},
    )


def _polls(people: tuple[int, ...], start: int) -> Iterator[Media]:
    """See https://core.telegram.org/api/poll."""
    options = ("By ferry", "By train 🚆", "على الأقدام")
    yield Media("poll", title="How do you come?", options=options, votes=(30, 12, 0))
    yield Media("poll", title="Not voted yet?", options=options, facts={"total_voters": 70})
    yield Media(
        "poll",
        title="All that apply",
        options=options,
        votes=(4, 3, 2),
        closed=True,
        facts={
            "public_voters": True,
            "multiple_choice": True,
            "open_answers": True,
            "close_date": start + 7_200,
            "added": [{"text": "By kayak", "by": people[1]}],
        },
    )
    yield Media(
        "quiz",
        title="Какой маяк старше?",
        options=("Северный", "Южный"),
        votes=(7, 21),
        correct=1,
        text="Южный: 1826 год.",
    )


def _places() -> Iterator[Media]:
    yield Media("geo", latitude=57.15, longitude=-2.09, facts={"accuracy_radius": 30})
    yield Media(
        "live_location",
        latitude=57.14,
        longitude=-2.07,
        facts={"period": 3_600, "heading": 90, "proximity_notification_radius": 200},
    )
    yield Media("venue", title="神保町", text="千代田区", latitude=35.6959, longitude=139.7577)


def _previews() -> Iterator[Media]:
    """See https://core.telegram.org/constructor/messageMediaWebPage."""
    yield Media(
        "webpage",
        url="https://example.org/a/7",
        title="Ferry timetable changes",
        text="From Monday, the last boat leaves at 22:40.",
        performer="Example",
        width=600,
        height=400,
        facts={"author": "A. Harbour", "large": True},
    )
    yield Media("webpage", url="https://example.org/later", facts={"state": "pending"})
    yield Media("webpage", url="https://example.org/gone", facts={"state": "empty"})


def _giveaways(people: tuple[int, ...], channel: int, start: int) -> Iterator[Media]:
    """See https://core.telegram.org/api/giveaways."""
    yield Media(
        "giveaway",
        text="a lantern, too",
        facts={
            "channels": [channel, marked_channel(1_500_000_001)],
            "quantity": 10,
            "months": 3,
            "until_date": start + 864_000,
            "only_new_subscribers": True,
            "winners_are_visible": True,
            "countries_iso2": ["GB", "RU"],
        },
    )
    yield Media(
        "giveaway",
        facts={
            "channels": [channel],
            "quantity": 5,
            "stars": 1_000,
            "until_date": start + 864_000,
        },
    )
    yield Media(
        "giveaway_results",
        text="a lantern, too",
        facts={
            "channel_id": channel,
            "launch_msg_id": 40,
            "winners_count": 9,
            "unclaimed_count": 1,
            "winners": list(people[:3]),
            "months": 3,
            "until_date": start + 864_000,
            "additional_peers_count": 1,
            "refunded": True,
        },
    )


def _stories(people: tuple[int, ...], start: int) -> Iterator[Media]:
    """See https://core.telegram.org/api/stories#reposting-stories."""
    facts = {"peer": marked_channel(1_500_000_001), "date": start}
    yield Media("story", value=12, text="Fog at six", facts=facts)
    yield Media("story", value=13, facts={"peer": people[0], "via_mention": True})
    yield Media("story", value=14, facts={"peer": people[0], "deleted": True})


def _todos(people: tuple[int, ...], start: int) -> Iterator[Media]:
    """See https://core.telegram.org/api/todo."""
    items = [{"id": 1, "text": "Rope"}, {"id": 2, "text": "Лампа"}, {"id": 3, "text": "Tea"}]
    yield Media(
        "todo",
        title="For the boat",
        facts={
            "items": items,
            "others_can_append": True,
            "others_can_complete": True,
            "done": [{"id": 2, "by": people[1], "at": start + 600}],
        },
    )
