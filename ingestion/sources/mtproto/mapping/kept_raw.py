"""What Telethon can read and no column has: it stays whole in the raw record, for the reason given.

A test compares this with every constructor and every field that the installed Telethon knows, so
that a new one is noticed; then it is mapped, or gets its line here.
"""

from collections.abc import Mapping
from typing import Final

Reasons = Mapping[str, str]

#: Constructor of https://core.telegram.org/type/MessageMedia. Shown as "something unknown".
MEDIA: Final[Reasons] = {
    "MessageMediaUnsupported": "says that this layer cannot describe what the message carries",
    "MessageMediaVideoStream": "a live story's stream, gone when it ended",
}

#: Constructor of https://core.telegram.org/type/MessageEntity. Shown as plain text.
ENTITIES: Final[Reasons] = {
    "MessageEntityUnknown": "says of itself that it is not known",
    "InputMessageEntityMentionName": "sent by clients, never received",
    "MessageEntityDiffInsert": "a proposal of a text editor, never part of a sent message",
    "MessageEntityDiffReplace": "a proposal of a text editor, never part of a sent message",
    "MessageEntityDiffDelete": "a proposal of a text editor, never part of a sent message",
}

_PRIVATE: Final = "told only to the bot of a private chat; holds payment or passport data"
#: Constructor of https://core.telegram.org/type/MessageAction without its prefix. Only the name
#: is kept, and said in a sentence.
ACTIONS: Final[Reasons] = {
    "PaymentSentMe": _PRIVATE,
    "RequestedPeerSentMe": _PRIVATE,
    "SecureValuesSent": _PRIVATE,
    "SecureValuesSentMe": _PRIVATE,
    "WebViewDataSentMe": _PRIVATE,
}

_OWN: Final = "about the reading account, not about the message"
_CLIENT: Final = "how an app draws or handles it"
#: Field of https://core.telegram.org/constructor/message and of messageService.
MESSAGE: Final[Reasons] = {
    "peer_id": "the channel itself",
    "out": _OWN,
    "mentioned": _OWN,
    "media_unread": _OWN,
    "reactions_are_possible": _OWN,
    "report_delivery_until_date": _OWN,
    "saved_peer_id": _OWN,
    "quick_reply_shortcut_id": _OWN,
    "silent": "whether a notification made a sound",
    "post": "says that it is a channel's post, which the channel's kind says",
    "from_scheduled": "how it was sent",
    "offline": "how it was sent",
    "schedule_repeat_period": "how it will be sent again; not yet part of the history",
    "legacy": "how Telegram stores it",
    "pinned": "changes by itself; pinned messages have a list of their own",
    "noforwards": "whether apps offer to forward it",
    "invert_media": _CLIENT,
    "video_processing_pending": "true for some minutes after the post",
    "summary_from_language": _CLIENT,
    "from_rank": "the sender's title as an administrator, a fact about the sender",
    "guestchat_via_from": "how a guest's message came into a chat with a bot",
    "suggested_post": "terms of a post that is not published yet",
    "paid_suggested_post_stars": "what was paid for a post's publication, told to its channel",
    "paid_suggested_post_ton": "what was paid for a post's publication, told to its channel",
}

#: Field of https://core.telegram.org/constructor/messageFwdHeader.
FORWARD: Final[Reasons] = {"saved_out": _OWN}

#: Field of https://core.telegram.org/constructor/messageReplyHeader.
REPLY: Final[Reasons] = {
    "reply_to_scheduled": "of messages that are not published yet",
    "reply_to_ephemeral": "of messages that vanish and are no part of the history",
    "forum_topic": "says how to read the ids beside it; the topic has a column",
    "quote": "there is a quote's text where it is true",
}

#: Constructor of https://core.telegram.org/type/DocumentAttribute.
DOCUMENT_ATTRIBUTES: Final[Reasons] = {
    "DocumentAttributeHasStickers": "says only that a picture has stickers drawn into it",
}

#: Constructor of https://core.telegram.org/type/Reaction.
REACTIONS: Final[Reasons] = {"ReactionEmpty": "no reaction; never in a count"}

_SYSTEM_SET: Final = "one of Telegram's own sets, named in requests; a received file names its id"
#: Constructor of https://core.telegram.org/type/InputStickerSet.
STICKER_SETS: Final[Reasons] = {
    "InputStickerSetEmpty": "the sticker is in no set",
    "InputStickerSetShortName": "named in requests; a received file names its id",
    "InputStickerSetAnimatedEmoji": _SYSTEM_SET,
    "InputStickerSetAnimatedEmojiAnimations": _SYSTEM_SET,
    "InputStickerSetDice": _SYSTEM_SET,
    "InputStickerSetEmojiChannelDefaultStatuses": _SYSTEM_SET,
    "InputStickerSetEmojiDefaultStatuses": _SYSTEM_SET,
    "InputStickerSetEmojiDefaultTopicIcons": _SYSTEM_SET,
    "InputStickerSetEmojiGenericAnimations": _SYSTEM_SET,
    "InputStickerSetPremiumGifts": _SYSTEM_SET,
    "InputStickerSetTonGifts": _SYSTEM_SET,
}
