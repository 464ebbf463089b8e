"""What each action is told as."""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.service.facts import counted
from dashboard.service.names import Meta, whole


def _boosts(meta: Meta) -> str:
    return ngettext(
        "%(who)s boosted this %(n)s time", "%(who)s boosted this %(n)s times", counted(meta)
    )


def _won(meta: Meta) -> str:
    return ngettext(
        "A giveaway ended with %(n)s winner",
        "A giveaway ended with %(n)s winners",
        counted(meta),
    )


def _launched(meta: Meta) -> str:
    if not meta.get("stars"):
        return _("%(who)s began a giveaway")
    return ngettext(
        "%(who)s began a giveaway of %(n)s star",
        "%(who)s began a giveaway of %(n)s stars",
        counted(meta),
    )


def _call(meta: Meta) -> str:
    if meta.get("duration"):
        return _("A video chat ended after %(duration)s")
    return _("%(who)s started a video chat")


def _phone(meta: Meta) -> str:
    if meta.get("missed") or not meta.get("duration"):
        return _("%(who)s called; nobody answered")
    return _("%(who)s called; it took %(duration)s")


def _timer(meta: Meta) -> str:
    if not meta.get("period"):
        return _("%(who)s switched off the timer that deletes messages")
    return _("%(who)s set messages to be deleted after %(period)s")


def _topic(meta: Meta) -> str:
    if meta.get("title"):
        return _("%(who)s renamed the topic to “%(title)s”")
    if meta.get("closed"):
        return _("%(who)s closed the topic")
    if meta.get("hidden"):
        return _("%(who)s hid the topic")
    return _("%(who)s changed the topic")


def _added(meta: Meta) -> str:
    if meta.get("users") or meta.get("members"):
        return _("%(who)s added %(users)s")
    return _("%(who)s added %(user_id)s") if meta.get("user_id") else _("%(who)s joined")


def _created(meta: Meta) -> str:
    if not meta.get("title"):
        return _("The group was created")
    return _("%(who)s created the group “%(title)s”")


def _channel_created(meta: Meta) -> str:
    return _("The channel was created: %(title)s") if meta.get("title") else _channel_made()


def _channel_made() -> str:
    return _("The channel was created")


def _allowed(meta: Meta) -> str:
    if meta.get("domain"):
        return _("%(who)s logged in at %(domain)s and let its bot write")
    return _("%(who)s let the bot write to them")


def _community(meta: Meta) -> str:
    return _("The group became part of a community") if meta.get("community_id") else _left()


def _left() -> str:
    return _("The group left its community")


def _forwarding(meta: Meta) -> str:
    if meta.get("new_value"):
        return _("%(who)s forbade forwarding and saving")
    return _("%(who)s allowed forwarding and saving")


def _asked_forwarding(meta: Meta) -> str:
    if meta.get("expired"):
        return _("The request of %(who)s about forwarding and saving ended without an answer")
    if meta.get("new_value"):
        return _("%(who)s asked to forbid forwarding and saving")
    return _("%(who)s asked to allow forwarding and saving")


def _suggested(meta: Meta) -> str:
    if meta.get("balance_too_low"):
        return _("A suggested post was not accepted: there were too few stars to pay for it")
    if meta.get("rejected"):
        if meta.get("reject_comment"):
            return _("%(who)s turned down the suggested post: %(reject_comment)s")
        return _("%(who)s turned down the suggested post")
    if meta.get("schedule_date"):
        return _("%(who)s accepted the suggested post, to be published on %(schedule_date)s")
    return _("%(who)s accepted the suggested post")


def _refund(meta: Meta) -> str:
    if meta.get("payer_initiated"):
        return _("A suggested post was paid back: who paid for it asked for the money")
    return _("A suggested post was paid back: it was deleted too early")


def _ticked(meta: Meta) -> str:
    if meta.get("completed") and meta.get("incompleted"):
        return _("%(who)s ticked %(done)s tasks off and opened %(undone)s again")
    if meta.get("incompleted"):
        return _("%(who)s opened %(undone)s tasks again")
    return _("%(who)s ticked %(done)s tasks off")


def _price_of_messages(meta: Meta) -> str:
    if not meta.get("stars"):
        return _("%(who)s made messages free of charge")
    return ngettext(
        "%(who)s set the price of a message to %(n)s star",
        "%(who)s set the price of a message to %(n)s stars",
        counted(meta),
    )


def _paid_back(meta: Meta) -> str:
    return ngettext(
        "%(who)s gave back what %(n)s message had cost",
        "%(who)s gave back what %(n)s messages had cost",
        counted(meta),
    )


def _premium(meta: Meta) -> str:
    days = whole(meta.get("days")) or 30 * whole(meta.get("months"))
    return ngettext(
        "%(who)s gave Telegram Premium for %(days)s day",
        "%(who)s gave Telegram Premium for %(days)s days",
        days,
    )


def _stars(meta: Meta) -> str:
    return ngettext(
        "%(who)s gave %(stars)s star", "%(who)s gave %(stars)s stars", whole(meta.get("stars"))
    )


def _prize(meta: Meta) -> str:
    return ngettext(
        "%(n)s star was won in a giveaway of %(boost_peer)s",
        "%(n)s stars were won in a giveaway of %(boost_peer)s",
        whole(meta.get("stars")),
    )


def _near(meta: Meta) -> str:
    return ngettext(
        "%(from_id)s is now within %(distance)s metre of %(to_id)s",
        "%(from_id)s is now within %(distance)s metres of %(to_id)s",
        whole(meta.get("distance")),
    )


def _offer_declined(meta: Meta) -> str:
    if meta.get("expired"):
        return _("An offer of %(price)s for the gift %(gift)s ended without an answer")
    return _("%(who)s turned down an offer of %(price)s for the gift %(gift)s")


#: What depends on the values.
CHOICES: Final[Mapping[str, Callable[[Meta], str]]] = {
    "boost_apply": _boosts,
    "bot_allowed": _allowed,
    "change_community": _community,
    "channel_create": _channel_created,
    "chat_add_user": _added,
    "chat_create": _created,
    "conference_call": _phone,
    "geo_proximity_reached": _near,
    "gift_premium": _premium,
    "gift_code": _premium,
    "gift_stars": _stars,
    "giveaway_launch": _launched,
    "giveaway_results": _won,
    "group_call": _call,
    "no_forwards_request": _asked_forwarding,
    "no_forwards_toggle": _forwarding,
    "paid_messages_price": _price_of_messages,
    "paid_messages_refunded": _paid_back,
    "phone_call": _phone,
    "prize_stars": _prize,
    "set_messages_ttl": _timer,
    "star_gift_purchase_offer_declined": _offer_declined,
    "suggested_post_approval": _suggested,
    "suggested_post_refund": _refund,
    "todo_completions": _ticked,
    "topic_edit": _topic,
}

#: What is the same each time.
SENTENCES: Final[Mapping[str, object]] = {
    "change_creator": gettext_lazy("%(who)s made %(new_creator_id)s the owner"),
    "channel_migrate_from": gettext_lazy("The group “%(title)s” became this supergroup"),
    "chat_delete_photo": gettext_lazy("%(who)s removed the photo"),
    "chat_delete_user": gettext_lazy("%(user_id)s is no longer in the group"),
    "chat_edit_photo": gettext_lazy("%(who)s changed the photo"),
    "chat_edit_title": gettext_lazy("%(who)s changed the title to “%(title)s”"),
    "chat_joined_by_link": gettext_lazy("%(who)s joined by an invite link"),
    "chat_joined_by_request": gettext_lazy("%(who)s was let in after asking to join"),
    "chat_joined_via_community": gettext_lazy("%(who)s joined by way of a community"),
    "chat_migrate_to": gettext_lazy("The group moved to a supergroup"),
    "contact_sign_up": gettext_lazy("%(who)s joined Telegram"),
    "custom_action": "%(message)s",  # Telegram's own words
    "empty": gettext_lazy("A service message that says nothing"),
    "game_score": gettext_lazy("%(who)s reached a score of %(score)s"),
    "gift_ton": gettext_lazy("%(who)s gave %(crypto)s"),
    "group_call_scheduled": gettext_lazy("%(who)s planned a video chat for %(schedule_date)s"),
    "history_clear": gettext_lazy("The history was cleared"),
    "invite_to_group_call": gettext_lazy("%(who)s invited %(users)s to the video chat"),
    "managed_bot_created": gettext_lazy("%(who)s created the bot %(bot_id)s"),
    "new_creator_pending": gettext_lazy("%(who)s is about to make %(new_creator_id)s the owner"),
    "payment_refunded": gettext_lazy("%(peer)s was paid back %(paid)s"),
    "payment_sent": gettext_lazy("%(who)s paid %(paid)s"),
    "payment_sent_me": gettext_lazy("A payment reached the bot"),
    "pin_message": gettext_lazy("%(who)s pinned a message"),
    "poll_append_answer": gettext_lazy("%(who)s added the answer “%(answer)s” to the poll"),
    "poll_delete_answer": gettext_lazy("%(who)s took the answer “%(answer)s” out of the poll"),
    "requested_peer": gettext_lazy("%(who)s shared %(peers)s with the bot"),
    "requested_peer_sent_me": gettext_lazy("A contact or chat was shared with the bot"),
    "screenshot_taken": gettext_lazy("%(who)s took a screenshot"),
    "secure_values_sent": gettext_lazy("Telegram Passport data were sent"),
    "secure_values_sent_me": gettext_lazy("Telegram Passport data reached the bot"),
    "set_chat_theme": gettext_lazy("%(who)s changed the theme: %(theme)s"),
    "set_chat_wall_paper": gettext_lazy("%(who)s changed the wallpaper"),
    "star_gift": gettext_lazy("%(who)s gave the gift %(gift)s"),
    "star_gift_purchase_offer": gettext_lazy("%(who)s offered %(price)s for the gift %(gift)s"),
    "star_gift_unique": gettext_lazy("%(who)s gave the collectible gift %(gift)s"),
    "suggest_birthday": gettext_lazy("%(who)s suggested a birthday: %(birthday)s"),
    "suggest_profile_photo": gettext_lazy("%(who)s suggested a profile photo"),
    "suggested_post_success": gettext_lazy("A suggested post was published and paid: %(price)s"),
    "todo_append_tasks": gettext_lazy("%(who)s added tasks: %(tasks)s"),
    "topic_create": gettext_lazy("%(who)s opened the topic “%(title)s”"),
    "web_view_data_sent": gettext_lazy("%(who)s sent data from the button “%(text)s”"),
    "web_view_data_sent_me": gettext_lazy("Data of a web app reached the bot"),
}

#: Every action that has a sentence: a test holds it against what the mapper knows.
KNOWN: Final = frozenset(CHOICES) | frozenset(SENTENCES)
