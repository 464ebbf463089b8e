"""Messages like real ones: posts with a photo, entities and a raw record of 1.4 to 1.9 kB."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping import map_message
from tgadmin.management.generate import telegram

_WORDS = {
    "latin": "harbour council vote bridge ferry closed market winter report minister strike",
    "cyrillic": "трамвай мост совет город открыли рынок зимний отчёт министр погода выставка",
    "arabic": "الميناء الجسر السوق تقرير الوزير المدينة الشتاء السفينة الصباح",
}
_START = datetime(2023, 1, 1, tzinfo=UTC)


def records(count: int, *, first_id: int = 1, seed: int = 1) -> Iterator[MessageRecord]:
    """`count` mapped messages with ids from `first_id` on."""
    for number in range(first_id, first_id + count):
        yield map_message(_raw(number, random.Random(seed * 1_000_003 + number)))  # noqa: S311, a corpus


def _raw(number: int, dice: random.Random) -> dict[str, Any]:
    words = _WORDS[dice.choice(list(_WORDS))].split()
    text = " ".join(dice.choice(words) for _ in range(dice.randint(12, 60)))
    entities: list[Any] = [
        {"_": "MessageEntityBold", "offset": 0, "length": len(words[0])},
        {
            "_": "MessageEntityTextUrl",
            "offset": len(words[0]) + 1,
            "length": 4,
            "url": f"https://example.org/{number}",
        },
    ]
    date = _START + timedelta(minutes=number)
    return {
        **telegram.message(number, 1500000001, date, text, entities),
        "media": {
            "_": "MessageMediaPhoto",
            "spoiler": False,
            "photo": {
                "_": "Photo",
                "id": 5_000_000_000_000_000_000 + number,
                "access_hash": dice.getrandbits(62),
                "file_reference": dice.randbytes(29),
                "date": date,
                "sizes": [
                    {"_": "PhotoStrippedSize", "type": "i", "bytes": dice.randbytes(150)},
                    {"_": "PhotoSize", "type": "m", "w": 320, "h": 213, "size": 18000},
                    {"_": "PhotoSize", "type": "x", "w": 800, "h": 533, "size": 80000},
                ],
                "dc_id": 2,
                "has_stickers": False,
                "video_sizes": [],
            },
            "ttl_seconds": None,
        },
        "views": dice.randint(100, 90000),
        "forwards": dice.randint(0, 300),
        "reactions": {
            "_": "MessageReactions",
            "results": [
                {
                    "_": "ReactionCount",
                    "reaction": {"_": "ReactionEmoji", "emoticon": "👍"},
                    "count": dice.randint(1, 900),
                }
            ],
            "min": False,
            "can_see_list": False,
            "recent_reactions": [],
        },
    }
