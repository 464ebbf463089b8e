"""Service actions (https://core.telegram.org/type/MessageAction), kept structured.

The sentence a person reads is made when it is shown. Each action has the list of its fields
that say what happened; gifts, wallpapers and the like hold prices, stocks and file references
that change by themselves, so of those only the identity is taken.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ingestion.sources.mtproto.mapping.values import (
    TLDict,
    as_iso,
    channel_mark,
    clean,
    peer_text,
    snake,
)

#: Constructor without "MessageAction" → the fields that are kept.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "BoostApply": ("boosts",),
    "BotAllowed": ("attach_menu", "from_request", "domain"),
    "ChangeCommunity": ("community_id",),
    "ChangeCreator": ("new_creator_id",),
    "ChannelCreate": ("title",),
    "ChannelMigrateFrom": ("title", "chat_id"),
    "ChatAddUser": ("users", "user_id"),
    "ChatCreate": ("title", "users"),
    "ChatDeletePhoto": (),
    "ChatDeleteUser": ("user_id",),
    "ChatEditPhoto": ("photo",),
    "ChatEditTitle": ("title",),
    "ChatJoinedByLink": ("inviter_id",),
    "ChatJoinedByRequest": (),
    "ChatJoinedViaCommunity": ("community_id",),
    "ChatMigrateTo": ("channel_id",),
    "ConferenceCall": ("call_id", "missed", "video", "duration", "other_participants"),
    "ContactSignUp": (),
    "CustomAction": ("message",),
    "Empty": (),
    "GameScore": ("game_id", "score"),
    "GeoProximityReached": ("from_id", "to_id", "distance"),
    "GiftCode": ("days", "months", "via_giveaway", "boost_peer", "currency", "amount", "message"),
    "GiftPremium": ("days", "months", "currency", "amount", "message"),
    "GiftStars": ("currency", "amount", "stars"),
    "GiftTon": ("currency", "amount", "crypto_currency", "crypto_amount"),
    "GiveawayLaunch": ("stars",),
    "GiveawayResults": ("winners_count", "unclaimed_count", "stars"),
    "GroupCall": ("call", "duration"),
    "GroupCallScheduled": ("call", "schedule_date"),
    "HistoryClear": (),
    "InviteToGroupCall": ("call", "users"),
    "ManagedBotCreated": ("bot_id",),
    "NewCreatorPending": ("new_creator_id",),
    "NoForwardsRequest": ("prev_value", "new_value", "expired"),
    "NoForwardsToggle": ("prev_value", "new_value"),
    "PaidMessagesPrice": ("stars", "broadcast_messages_allowed"),
    "PaidMessagesRefunded": ("count", "stars"),
    "PaymentRefunded": ("peer", "currency", "total_amount"),
    "PaymentSent": ("currency", "total_amount"),
    "PhoneCall": ("call_id", "video", "duration"),
    "PinMessage": (),
    "PollAppendAnswer": ("answer",),
    "PollDeleteAnswer": ("answer",),
    "PrizeStars": ("stars", "boost_peer", "giveaway_msg_id"),
    "RequestedPeer": ("button_id", "peers"),
    "ScreenshotTaken": (),
    "SetChatTheme": ("theme", "emoticon"),
    "SetChatWallPaper": ("wallpaper", "same", "for_both"),
    "SetMessagesTTL": ("period", "auto_setting_from"),
    "StarGift": ("gift", "message", "from_id", "peer"),
    "StarGiftPurchaseOffer": ("gift", "price"),
    "StarGiftPurchaseOfferDeclined": ("gift", "price", "expired"),
    "StarGiftUnique": ("gift", "message", "from_id", "peer"),
    "SuggestBirthday": ("birthday",),
    "SuggestProfilePhoto": ("photo",),
    "SuggestedPostApproval": (
        "rejected",
        "balance_too_low",
        "reject_comment",
        "schedule_date",
        "price",
    ),
    "SuggestedPostRefund": ("payer_initiated",),
    "SuggestedPostSuccess": ("price",),
    "TodoAppendTasks": ("list",),
    "TodoCompletions": ("completed", "incompleted"),
    "TopicCreate": ("title", "icon_color", "icon_emoji_id"),
    "TopicEdit": ("title", "icon_emoji_id", "closed", "hidden"),
    "WebViewDataSent": ("text",),
}

#: Bare ids of users, and long numbers that JavaScript cannot hold, become text.
_TEXT_IDS: Final = frozenset(
    {
        "auto_setting_from",
        "bot_id",
        "call_id",
        "community_id",
        "game_id",
        "icon_emoji_id",
        "inviter_id",
        "new_creator_id",
        "user_id",
        "users",
    }
)
#: Of what is nested, these fields tell what it is and never change.
_IDENTITY: Final = ("id", "slug", "emoticon", "num", "day", "month", "year", "amount", "nanos")


def map_action(action: TLDict) -> dict[str, Any]:
    """`{"type": "service", "action": "chat_joined_by_link", …fields}`, absent fields left out."""
    name = action["_"].removeprefix("MessageAction")
    mapped: dict[str, Any] = {"type": "service", "action": snake(name)}
    for field in FIELDS.get(name, ()):
        value = action.get(field)
        if value is None or value is False:
            continue
        if field == "channel_id":
            mapped[field] = str(channel_mark(value))
        elif field == "chat_id":
            mapped[field] = str(-value)
        elif field in _TEXT_IDS and not isinstance(value, Mapping):
            mapped[field] = [str(item) for item in value] if _many(value) else str(value)
        else:
            mapped[field] = _plain(value)
    return mapped


def _many(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, datetime):
        return as_iso(value)
    if _many(value):
        return [_plain(item) for item in value]
    return _nested(value) if isinstance(value, Mapping) else value


def _nested(value: TLDict) -> Any:
    """A peer as its marked id, a text as a string, the rest as its identity."""
    if value.get("_") in {"PeerUser", "PeerChannel", "PeerChat"}:
        return peer_text(value)
    for field in ("text", "title"):  # TextWithEntities, PollAnswer, TodoItem
        if value.get(field) is not None:
            return _plain(value[field])
    return {
        field: str(value[field]) if field == "id" else _plain(value[field])
        for field in _IDENTITY
        if value.get(field) is not None
    }
