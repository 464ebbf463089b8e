"""Messages as Telegram's answers have them (https://core.telegram.org/constructor/message), in the
form of Telethon's `to_dict()`: what is archived is mapped from these by the code that maps real ones.
"""

from datetime import datetime
from random import Random
from typing import Any, Final

Json = dict[str, Any]

_MIMES: Final = (
    ("application/pdf", "report.pdf"),
    ("application/zip", "files.zip"),
    ("text/csv", "table.csv"),
    ("image/png", "map.png"),
)
_REACTIONS: Final = ("👍", "❤", "🔥", "😁", "😢", "🤯")
_BYTES: Final = bytes(range(256)) * 2


def message(number: int, channel: int, date: datetime, text: str, entities: list[Json]) -> Json:
    """A post without anything else; the caller fills in what it carries."""
    return {
        "_": "Message",
        "id": number,
        "peer_id": {"_": "PeerChannel", "channel_id": channel},
        "date": date,
        "message": text,
        "out": False,
        "mentioned": False,
        "media_unread": False,
        "silent": False,
        "post": True,
        "from_scheduled": False,
        "legacy": False,
        "edit_hide": False,
        "pinned": False,
        "noforwards": False,
        "invert_media": False,
        "offline": False,
        "video_processing_pending": False,
        "paid_suggested_post_stars": False,
        "paid_suggested_post_ton": False,
        "from_id": None,
        "from_boosts_applied": None,
        "from_rank": None,
        "saved_peer_id": None,
        "fwd_from": None,
        "via_bot_id": None,
        "via_business_bot_id": None,
        "reply_to": None,
        "media": None,
        "reply_markup": None,
        "entities": entities,
        "views": None,
        "forwards": None,
        "replies": None,
        "edit_date": None,
        "post_author": None,
        "grouped_id": None,
        "reactions": None,
        "restriction_reason": [],
        "ttl_period": None,
        "quick_reply_shortcut_id": None,
        "effect": None,
        "factcheck": None,
        "report_delivery_until_date": None,
        "paid_message_stars": None,
        "suggested_post": None,
        "schedule_repeat_period": None,
        "summary_from_language": None,
    }


def service(number: int, channel: int, date: datetime) -> Json:
    """Something that happened: the group got another photo taken away."""
    return {
        "_": "MessageService",
        "id": number,
        "peer_id": {"_": "PeerChannel", "channel_id": channel},
        "date": date,
        "action": {"_": "MessageActionChatDeletePhoto"},
        "out": False,
        "mentioned": False,
        "media_unread": False,
        "reactions_are_possible": False,
        "silent": False,
        "post": True,
        "legacy": False,
        "from_id": None,
        "saved_peer_id": None,
        "reply_to": None,
        "reactions": None,
        "ttl_period": None,
    }


def _noise(dice: Random, size: int) -> bytes:
    """Bytes that no other message has at the same place; cheaper than chance for each of them."""
    start = int(dice.random() * 256)
    return dice.randbytes(8) + _BYTES[start : start + size - 8]


def photo(dice: Random, date: datetime) -> Json:
    return {
        "_": "MessageMediaPhoto",
        "spoiler": False,
        "live_photo": False,
        "photo": {
            "_": "Photo",
            "id": 5_000_000_000_000_000_000 + dice.getrandbits(58),
            "access_hash": dice.getrandbits(62),
            "file_reference": _noise(dice, 29),
            "date": date,
            "sizes": [
                {"_": "PhotoStrippedSize", "type": "i", "bytes": _noise(dice, 150)},
                {"_": "PhotoSize", "type": "m", "w": 320, "h": 213, "size": 18_000},
                {
                    "_": "PhotoSizeProgressive",
                    "type": "y",
                    "w": 1280,
                    "h": 853,
                    "sizes": [9_000, 22_000, 60_000, 80_000, int(90_000 + dice.random() * 90_000)],
                },
            ],
            "dc_id": 2,
            "has_stickers": False,
            "video_sizes": [],
        },
        "ttl_seconds": None,
        "video": None,
    }


def document(dice: Random, date: datetime, kind: str) -> Json:
    """`kind`: video, voice or document."""
    mime, name = dice.choice(_MIMES)
    attributes: list[Json] = []
    size = int(dice.lognormvariate(13, 1.5))
    if kind == "video":
        mime, name, size = "video/mp4", "video.mp4", size * 10
        attributes.append(
            {
                "_": "DocumentAttributeVideo",
                "duration": 1 + int(dice.random() * 600),
                "w": 1280,
                "h": 720,
                "round_message": False,
                "supports_streaming": True,
                "nosound": False,
                "preload_prefix_size": None,
                "video_start_ts": None,
                "video_codec": None,
            }
        )
    elif kind == "voice":
        mime, name = "audio/ogg", "voice.ogg"
        attributes.append(
            {
                "_": "DocumentAttributeAudio",
                "duration": 1 + int(dice.random() * 90),
                "voice": True,
                "title": None,
                "performer": None,
                "waveform": _noise(dice, 63),
            }
        )
    if kind != "voice":
        attributes.append({"_": "DocumentAttributeFilename", "file_name": name})
    return {
        "_": "MessageMediaDocument",
        "nopremium": False,
        "spoiler": False,
        "video": kind == "video",
        "round": False,
        "voice": kind == "voice",
        "document": {
            "_": "Document",
            "id": 5_300_000_000_000_000_000 + dice.getrandbits(58),
            "access_hash": dice.getrandbits(62),
            "file_reference": _noise(dice, 29),
            "date": date,
            "mime_type": mime,
            "size": size,
            "dc_id": 2,
            "attributes": attributes,
            "thumbs": [{"_": "PhotoStrippedSize", "type": "i", "bytes": _noise(dice, 150)}],
            "video_thumbs": [],
        },
        "alt_documents": [],
        "video_cover": None,
        "video_timestamp": None,
        "ttl_seconds": None,
    }


def poll(dice: Random, question: str, answers: list[str]) -> Json:
    return {
        "_": "MessageMediaPoll",
        "poll": {
            "_": "Poll",
            "id": 5_400_000_000_000_000_000 + dice.getrandbits(58),
            "question": {"_": "TextWithEntities", "text": question, "entities": []},
            "answers": [
                {
                    "_": "PollAnswer",
                    "text": {"_": "TextWithEntities", "text": answer, "entities": []},
                    "option": bytes([number]),
                }
                for number, answer in enumerate(answers)
            ],
            "closed": False,
            "public_voters": False,
            "multiple_choice": False,
            "quiz": False,
            "close_period": None,
            "close_date": None,
        },
        "results": {"_": "PollResults", "min": True, "results": None, "total_voters": 100},
    }


def forward(channel: int, post: int, date: datetime) -> Json:
    """Whose post it is (https://core.telegram.org/constructor/messageFwdHeader)."""
    return {
        "_": "MessageFwdHeader",
        "date": date,
        "imported": False,
        "saved_out": False,
        "from_id": {"_": "PeerChannel", "channel_id": channel},
        "from_name": None,
        "channel_post": post,
        "post_author": None,
        "saved_from_peer": None,
        "saved_from_msg_id": None,
        "saved_from_id": None,
        "saved_from_name": None,
        "saved_date": None,
        "psa_type": None,
    }


def reply(answered: int | None, topic: int | None) -> Json:
    """https://core.telegram.org/constructor/messageReplyHeader: in a forum it names the topic, too."""
    return {
        "_": "MessageReplyHeader",
        "reply_to_scheduled": False,
        "forum_topic": topic is not None,
        "quote": False,
        "reply_to_msg_id": answered or topic,
        "reply_to_peer_id": None,
        "reply_from": None,
        "reply_media": None,
        "reply_to_top_id": topic if answered else None,
        "quote_text": None,
        "quote_entities": [],
        "quote_offset": None,
        "todo_item_id": None,
    }


def reactions(dice: Random, views: int) -> Json:
    first = int(dice.random() * len(_REACTIONS))
    most = max(views // 40, 1)
    return {
        "_": "MessageReactions",
        "results": [
            {
                "_": "ReactionCount",
                "reaction": {"_": "ReactionEmoji", "emoticon": _REACTIONS[place]},
                "count": 1 + int(dice.random() * most),
                "chosen_order": None,
            }
            for place in range(first, min(first + 1 + int(dice.random() * 3), len(_REACTIONS)))
        ],
        "min": False,
        "can_see_list": False,
        "reactions_as_tags": False,
        "recent_reactions": [],
        "top_reactors": [],
    }


def replies(count: int) -> Json:
    """Comments on a post (https://core.telegram.org/constructor/messageReplies)."""
    return {
        "_": "MessageReplies",
        "replies": count,
        "replies_pts": count + 40,
        "comments": True,
        "recent_repliers": [],
        "channel_id": 1_900_000_001,
        "max_id": None,
        "read_max_id": None,
    }
