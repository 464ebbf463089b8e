"""Everything that a service message can say (https://core.telegram.org/type/MessageAction).

Facts have the names of the constructor's fields. Some are only ever told in private chats; they
are here because a reader of histories has to know them, too. Those that only the bot of a
private chat is told (payments, passports) are not.
"""

from __future__ import annotations

from typing import Any

from sandbox.world.model import Action


def actions(people: tuple[int, ...], channel: int, date: int) -> list[Action]:
    """One of each; `people` are at least three ids, `channel` is marked."""
    return [Action(kind, facts=facts) for kind, facts in _facts(people, channel, date)]


def _facts(
    people: tuple[int, ...], channel: int, date: int
) -> tuple[tuple[str, dict[str, Any]], ...]:
    one, two, three = people[:3]
    cut = {"id": 71, "title": "Lantern", "slug": "Lantern-12", "num": 12}
    gift = {"id": 72, "stars": 50}
    call = 61_000_000_001
    return (
        ("boost_apply", {"boosts": 3}),
        ("bot_allowed", {"domain": "example.org"}),
        ("change_community", {"community_id": 81}),
        ("change_creator", {"new_creator_id": two}),
        ("channel_migrate_from", {"title": "The old group", "chat_id": 4_001}),
        ("chat_add_user", {"users": [one]}),
        ("chat_add_user", {"users": [two, three]}),
        ("chat_create", {"title": "The old group", "users": [one, two]}),
        ("chat_delete_photo", {}),
        ("chat_delete_user", {"user_id": one}),
        ("chat_edit_photo", {"photo": 62_000_000_001}),
        ("chat_edit_title", {"title": "Сорта сообщений 🧭"}),
        ("chat_joined_by_link", {"inviter_id": two}),
        ("chat_joined_by_request", {}),
        ("chat_joined_via_community", {"community_id": 81}),
        ("chat_migrate_to", {"channel_id": 1_500_000_777}),
        (
            "conference_call",
            {
                "call_id": call,
                "missed": True,
                "video": True,
                "duration": 65,
                "other_participants": [one],
            },
        ),
        ("contact_sign_up", {}),
        ("custom_action", {"message": "The tide table was replaced."}),
        ("empty", {}),
        ("game_score", {"game_id": 91, "score": 2_048}),
        ("geo_proximity_reached", {"from_id": one, "to_id": two, "distance": 500}),
        (
            "gift_code",
            {
                "days": 90,
                "slug": "harborgift",
                "via_giveaway": True,
                "boost_peer": channel,
                "message": "Well guessed!",
            },
        ),
        ("gift_premium", {"currency": "EUR", "amount": 1_199, "days": 90, "message": "Enjoy"}),
        ("gift_stars", {"currency": "USD", "amount": 499, "stars": 250}),
        (
            "gift_ton",
            {
                "currency": "USD",
                "amount": 310,
                "crypto_currency": "TON",
                "crypto_amount": 1_000_000_000,
            },
        ),
        ("giveaway_launch", {"stars": 1_000}),
        ("giveaway_launch", {}),
        ("giveaway_results", {"winners_count": 9, "unclaimed_count": 1}),
        ("group_call", {"call": call}),
        ("group_call", {"call": call, "duration": 3_725}),
        ("group_call_scheduled", {"call": call, "schedule_date": date + 7_200}),
        ("history_clear", {}),
        ("invite_to_group_call", {"call": call, "users": [one, two]}),
        ("managed_bot_created", {"bot_id": three}),
        ("new_creator_pending", {"new_creator_id": two}),
        ("no_forwards_request", {"prev_value": False, "new_value": True}),
        ("no_forwards_toggle", {"prev_value": False, "new_value": True}),
        ("no_forwards_toggle", {"prev_value": True, "new_value": False}),
        ("paid_messages_price", {"stars": 5, "broadcast_messages_allowed": True}),
        ("paid_messages_refunded", {"count": 2, "stars": 10}),
        (
            "payment_refunded",
            {"peer": one, "currency": "JPY", "total_amount": 4_800, "charge": "ch-1"},
        ),
        ("payment_sent", {"currency": "EUR", "total_amount": 2_450}),
        ("phone_call", {"call_id": call, "video": True, "duration": 125}),
        ("pin_message", {}),
        ("poll_append_answer", {"answer": {"text": "By ferry", "option": 3}}),
        ("poll_delete_answer", {"answer": {"text": "By ferry", "option": 3}}),
        (
            "prize_stars",
            {"stars": 500, "transaction_id": "t1", "boost_peer": channel, "giveaway_msg_id": 40},
        ),
        ("requested_peer", {"button_id": 1, "peers": [one, channel]}),
        ("screenshot_taken", {}),
        ("set_chat_theme", {"theme": "🌊"}),
        ("set_chat_wall_paper", {"wallpaper": 63_000_001, "same": True}),
        ("set_messages_ttl", {"period": 86_400}),
        ("set_messages_ttl", {"period": 0}),
        ("star_gift", {"gift": gift, "message": "For the harbour", "from_id": one}),
        ("star_gift_purchase_offer", {"gift": cut, "price": 900, "expires_at": date + 86_400}),
        ("star_gift_purchase_offer_declined", {"gift": cut, "price": 900, "expired": True}),
        ("star_gift_unique", {"gift": cut, "from_id": two}),
        ("suggest_birthday", {"birthday": {"day": 29, "month": 2}}),
        ("suggest_profile_photo", {"photo": 62_000_000_002}),
        ("suggested_post_approval", {"schedule_date": date + 3_600, "price": 40}),
        ("suggested_post_approval", {"rejected": True, "reject_comment": "Not today"}),
        ("suggested_post_refund", {"payer_initiated": True}),
        ("suggested_post_success", {"price": 40}),
        ("todo_append_tasks", {"list": [{"id": 4, "text": "Coil the ropes"}]}),
        ("todo_completions", {"completed": [1, 2], "incompleted": [3]}),
        ("topic_create", {"title": "Boats ⛵", "icon_color": 7_322_096}),
        ("topic_edit", {"title": "Boats and ferries"}),
        ("topic_edit", {"closed": True}),
        ("topic_edit", {"hidden": True}),
        ("web_view_data_sent", {"text": "Book a berth"}),
    )
