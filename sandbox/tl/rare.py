"""Media that say what they are in `Media.facts` (https://core.telegram.org/type/MessageMedia)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.tl.peers import peer, when
from sandbox.world.model import Media, bare_channel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def text(value: str) -> Any:
    return types.TextWithEntities(value, [])


def _flags(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names if facts.get(name)}


def live_location(media: Media, point: Any) -> Any:
    return types.MessageMediaGeoLive(
        point, **_flags(media.facts or {}, "period", "heading", "proximity_notification_radius")
    )


def game(media: Media, photo: Any) -> Any:
    """See https://core.telegram.org/constructor/game."""
    made = types.Game(media.id, 1, media.file_name, media.title, media.text, photo)
    return types.MessageMediaGame(made)


def invoice(media: Media) -> Any:
    """See https://core.telegram.org/constructor/messageMediaInvoice."""
    facts = media.facts or {}
    return types.MessageMediaInvoice(
        media.title,
        media.text,
        facts["currency"],
        facts["total_amount"],
        facts.get("start_param", ""),
        **_flags(facts, "test", "shipping_address_requested"),
    )


def giveaway(media: Media) -> Any:
    """See https://core.telegram.org/constructor/messageMediaGiveaway."""
    facts = media.facts or {}
    return types.MessageMediaGiveaway(
        channels=[bare_channel(marked) for marked in facts["channels"]],
        quantity=facts["quantity"],
        until_date=when(facts["until_date"]),
        countries_iso2=facts.get("countries_iso2"),
        prize_description=media.text or None,
        **_flags(facts, "months", "stars", "only_new_subscribers", "winners_are_visible"),
    )


def giveaway_results(media: Media) -> Any:
    """See https://core.telegram.org/constructor/messageMediaGiveawayResults."""
    facts = media.facts or {}
    return types.MessageMediaGiveawayResults(
        channel_id=bare_channel(facts["channel_id"]),
        launch_msg_id=facts["launch_msg_id"],
        winners_count=facts["winners_count"],
        unclaimed_count=facts["unclaimed_count"],
        winners=list(facts["winners"]),
        until_date=when(facts["until_date"]),
        prize_description=media.text or None,
        **_flags(facts, "months", "stars", "only_new_subscribers", "refunded")
        | _flags(facts, "additional_peers_count"),
    )


def story(media: Media, build: Callable[[Media, int], Any]) -> Any:
    """A story as it is, as one that is over, or by its number alone."""
    facts = media.facts or {}
    item: Any = None
    if media.text:
        inner = build(Media("photo", media.id, width=720, height=1280), facts["date"])
        item = types.StoryItem(
            media.value,
            when(facts["date"]),
            when(facts["date"] + 86_400),
            inner,
            caption=media.text,
        )
    elif facts.get("deleted"):
        item = types.StoryItemDeleted(media.value)
    mention = facts.get("via_mention") or None
    return types.MessageMediaStory(peer(facts["peer"]), media.value, mention, item)


def paid_media(media: Media, build: Callable[[Media, int], Any], date: int) -> Any:
    """See https://core.telegram.org/api/paid-media: bought items are there, others outlined."""
    facts = media.facts or {}
    items: list[Any] = []
    for number, item in enumerate(facts["items"]):
        if item.get("bought"):
            inner = Media("photo", media.id + number, width=item["width"], height=item["height"])
            items.append(types.MessageExtendedMedia(build(inner, date)))
        else:
            items.append(
                types.MessageExtendedMediaPreview(
                    item["width"], item["height"], None, item.get("duration")
                )
            )
    return types.MessageMediaPaidMedia(facts["stars_amount"], items)


def todo(media: Media) -> Any:
    """See https://core.telegram.org/api/todo."""
    facts = media.facts or {}
    made = types.TodoList(
        text(media.title),
        [types.TodoItem(item["id"], text(item["text"])) for item in facts["items"]],
        **_flags(facts, "others_can_append", "others_can_complete"),
    )
    done = [
        types.TodoCompletion(one["id"], peer(one["by"]), when(one["at"]))
        for one in facts.get("done") or ()
    ]
    return types.MessageMediaToDo(made, done or None)


def video_stream(media: Media) -> Any:
    return types.MessageMediaVideoStream(types.InputGroupCall(media.id, 1))
