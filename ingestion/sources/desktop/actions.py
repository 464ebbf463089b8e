"""Service messages of Telegram Desktop's JSON, under the names that Telegram's own have here.

Telegram Desktop writes people's names where Telegram has ids; both are kept as they come.
"""

from typing import Any, Final

from ingestion.sources.words import clean

#: Its name of an action → `media_meta["action"]`.
_NAMES: Final = {
    "boost_apply": "boost_apply",
    "create_channel": "channel_create",
    "create_group": "chat_create",
    "migrate_from_group": "channel_migrate_from",
    "migrate_to_supergroup": "chat_migrate_to",
    "edit_group_title": "chat_edit_title",
    "edit_group_photo": "chat_edit_photo",
    "delete_group_photo": "chat_delete_photo",
    "invite_members": "chat_add_user",
    "remove_members": "chat_delete_user",
    "join_group_by_link": "chat_joined_by_link",
    "join_group_by_request": "chat_joined_by_request",
    "pin_message": "pin_message",
    "clear_history": "history_clear",
    "score_in_game": "game_score",
    "phone_call": "phone_call",
    "group_call": "group_call",
    "group_call_scheduled": "group_call_scheduled",
    "invite_to_group_call": "invite_to_group_call",
    "set_messages_ttl": "set_messages_ttl",
    "edit_chat_theme": "set_chat_theme",
    "topic_created": "topic_create",
    "topic_edit": "topic_edit",
    "giveaway_launch": "giveaway_launch",
    "giveaway_results": "giveaway_results",
    "take_screenshot": "screenshot_taken",
    "proximity_reached": "geo_proximity_reached",
    "paid_messages_price_change": "paid_messages_price",
    "allow_sending_messages": "bot_allowed",
    "joined_telegram": "contact_sign_up",
    "todo_completions": "todo_completions",
    "todo_append_tasks": "todo_append_tasks",
}
#: Its fields that say what happened → ours.
_FIELDS: Final = (
    ("title", "title"),
    ("new_title", "title"),
    ("inviter", "inviter"),
    ("members", "members"),
    ("score", "score"),
    ("duration", "duration"),
    ("period", "period"),
    ("boosts", "boosts"),
    ("stars", "stars"),
    ("emoticon", "emoticon"),
    ("winners", "winners_count"),
    ("unclaimed", "unclaimed_count"),
    ("schedule_date", "schedule_date"),
)


def map_action(raw: dict[str, Any]) -> dict[str, Any]:
    """`{"type": "service", "action": "chat_edit_title", …}`, absent fields left out."""
    name = clean(raw.get("action"))
    mapped: dict[str, Any] = {"type": "service", "action": _NAMES.get(name, name or "unknown")}
    for field, ours in _FIELDS:
        value = raw.get(field)
        if value in (None, "", []):
            continue
        if isinstance(value, list):
            mapped[ours] = [clean(item) for item in value if item is not None]
        elif isinstance(value, str):
            mapped[ours] = clean(value)
        elif isinstance(value, int | float):
            mapped[ours] = value
    return mapped
