"""The values that filters with a closed list of them know."""

from typing import Final

#: What `Message.kind` can be (ingestion/sources/mtproto/mapping), the frequent ones first.
KINDS: Final = (
    "text", "photo", "video", "animation", "document", "audio", "voice", "round_video", "sticker",
    "poll", "quiz", "todo", "geo", "live_location", "venue", "contact", "game", "dice", "story",
    "invoice", "giveaway", "paid_media", "service", "unknown",
)  # fmt: skip

#: What a message can have besides its kind.
HAS: Final = ("media", "link")

ARE: Final = ("edited", "deleted", "present", "forwarded", "pinned")

#: Other words for a kind.
OTHER_NAMES: Final = {
    "file": "document",
    "gif": "animation",
    "image": "photo",
    "picture": "photo",
    "location": "geo",
    "music": "audio",
    "round": "round_video",
    "links": "link",
    "url": "link",
}
