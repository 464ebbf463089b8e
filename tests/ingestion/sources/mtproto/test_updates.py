"""What Telegram tells of by itself, through the real client: every kind of event, and differences.

https://core.telegram.org/api/updates
"""

from collections.abc import Callable
from typing import Any

import pytest

from ingestion.errors import TransientError
from ingestion.sources.live import EventKind, Heard, LiveEvent
from ingestion.sources.mtproto import updates
from ingestion.sources.mtproto.client import connect
from tests.ingestion.sources.mtproto.conftest import Telegram, address_of


def listening(telegram: Telegram) -> Any:
    return connect(telegram.credentials(), server=telegram.server, timeout=10.0, listening=True)


async def heard(session: Any, peer_id: int, *, until: Callable[[Heard], bool]) -> Heard:
    """What comes, until it is enough of it."""
    events: list[LiveEvent] = []
    for _ in range(50):
        found = await session.hear({peer_id}, 0.5)
        events.extend(found.events)
        whole = Heard(events, found.lost)
        if until(whole):
            return whole
    raise AssertionError(f"not heard: {events}")


async def test_every_kind_of_event_is_heard_in_its_order(telegram: Telegram) -> None:
    card = telegram.card("broadcast")
    world, peer_id = telegram.sandbox, card["id"]
    async with listening(telegram) as session:
        address = await address_of(session, card)
        await session.subscribe(None)
        before = (await session.standings([address]))[peer_id]
        posted = world.post(peer_id, "news")
        world.edit(peer_id, posted["id"], text="newer")
        world.set_counters(peer_id, posted["id"], views=9, forwards=4, reactions=[["🔥", 2]])
        world.delete(peer_id, posted["id"], 5)
        world.control("channel", channel=peer_id, title="Renamed")
        found = await heard(
            session, peer_id, until=lambda h: any(e.kind == "channel" for e in h.events)
        )
        new, edit, views, forwards, reactions, gone, channel = found.events
        after = (await session.standings([address]))[peer_id]
    assert [(e.kind, e.pts_count) for e in (new, edit, gone)] == [
        (EventKind.NEW, 1),
        (EventKind.EDIT, 1),
        (EventKind.DELETE, len(gone.ids)),
    ]
    assert [new.pts, edit.pts] == [before.pts + 1, before.pts + 2]
    assert gone.pts == after.pts == before.pts + 2 + len(gone.ids)
    assert new.records[0].text == "news"
    assert (edit.records[0].text, edit.records[0].message_id) == ("newer", posted["id"])
    assert views.counters[posted["id"]].views == 9
    assert forwards.counters[posted["id"]].forwards == 4
    assert reactions.counters[posted["id"]].reactions == {"🔥": 2}
    assert {e.pts for e in (views, forwards, reactions, channel)} == {None}
    assert posted["id"] in gone.ids


async def test_what_is_pushed_is_the_same_as_what_is_asked_for(telegram: Telegram) -> None:
    card = telegram.card("supergroup")
    async with listening(telegram) as session:
        address = await address_of(session, card)
        await session.subscribe(None)
        pts = (await session.standings([address]))[card["id"]].pts
        telegram.sandbox.tick(0)
        posted = telegram.sandbox.post(card["id"], "as it is", sender_id=None, silent=True)
        found = await heard(session, card["id"], until=lambda h: bool(h.events))
        page = await session.page(address, low=posted["id"], high=posted["id"])
        difference = await session.difference(address, pts)
    (record,) = page.records
    (pushed,) = found.events[0].records
    (missed,) = difference.events[0].records
    for other in (pushed, missed):
        assert other.content_hash() == record.content_hash()
        assert other.counters_hash() == record.counters_hash()
        assert other.raw_json() == record.raw_json()


async def test_other_channels_are_not_heard(telegram: Telegram) -> None:
    card, other = telegram.card("broadcast"), telegram.card("supergroup")
    async with listening(telegram) as session:
        await session.subscribe(None)
        telegram.sandbox.post(other["id"], "for others")
        telegram.sandbox.post(card["id"], "for us")
        found = await heard(session, card["id"], until=lambda h: bool(h.events))
    assert [e.peer_id for e in found.events] == [card["id"]]


async def test_what_is_asked_on_a_listening_connection_does_not_end_the_listening(
    telegram: Telegram,
) -> None:
    # invokeWithoutUpdates would (https://core.telegram.org/method/invokeWithoutUpdates)
    card = telegram.card("broadcast")
    async with listening(telegram) as session:
        address = await address_of(session, card)
        await session.subscribe(None)
        await session.page(address, low=1, high=50)
        telegram.sandbox.post(card["id"], "still heard")
        await heard(session, card["id"], until=lambda h: bool(h.events))


async def test_a_connection_that_fetches_is_told_nothing(telegram: Telegram) -> None:
    card = telegram.card("broadcast")
    async with telegram.connect() as session:
        await session.subscribe(None)
        telegram.sandbox.post(card["id"], "not for you")
        assert not (await session.hear({card["id"]}, 0.2)).events


async def test_a_lost_connection_is_noticed_at_once(telegram: Telegram) -> None:
    async with listening(telegram) as session:
        await session.subscribe(None)
        telegram.sandbox.control("drop")
        with pytest.raises(TransientError):
            await heard(session, 1, until=lambda h: False)


async def test_the_difference_comes_in_parts(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    # https://core.telegram.org/constructor/updates.channelDifference
    monkeypatch.setattr(updates, "LIMIT", 3)
    card = telegram.card("broadcast")
    async with telegram.connect() as session:
        address = await address_of(session, card)
        start = (await session.standings([address]))[card["id"]]
        texts = [telegram.sandbox.post(card["id"], f"part {n}")["text"] for n in range(7)]
        pts, came, finals = start.pts, [], []
        while True:
            part = await session.difference(address, pts)
            came += [r.text for event in part.events for r in event.records]
            finals.append(part.final)
            pts = part.pts
            if part.final:
                break
        assert came == texts
        assert finals == [False, False, True]
        assert pts == start.pts + 7
        assert (await session.difference(address, pts)).events == ()


async def test_a_difference_that_is_too_long_tells_where_the_channel_stands(
    telegram: Telegram,
) -> None:
    # https://core.telegram.org/constructor/updates.channelDifferenceTooLong
    card = telegram.card("broadcast")
    async with telegram.connect() as session:
        address = await address_of(session, card)
        found = await session.difference(address, 1)
        standing = (await session.standings([address]))[card["id"]]
    assert found.too_long
    assert (found.pts, found.top) == (standing.pts, standing.top)


async def test_the_account_s_difference_names_the_channels_with_news(telegram: Telegram) -> None:
    # https://core.telegram.org/constructor/updateChannelTooLong
    card = telegram.card("broadcast")
    async with listening(telegram) as session:
        state, news = await session.subscribe(None)
        assert not news
    telegram.sandbox.post(card["id"], "meanwhile")
    async with listening(telegram) as session:
        _, news = await session.subscribe(state)
    assert card["id"] in news


async def test_a_channel_that_was_not_joined_is_told_apart(telegram: Telegram) -> None:
    card = telegram.card("broadcast")
    phone = telegram.sandbox.accounts[0]["phone"]
    async with listening(telegram) as session:
        address = await address_of(session, card)
        assert (await session.standings([address]))[card["id"]].joined
        await session.subscribe(None)
        telegram.sandbox.control("member", channel=card["id"], phone=phone, joined=False)
        try:
            # https://core.telegram.org/constructor/updateChannel
            await heard(
                session, card["id"], until=lambda h: any(e.kind == "channel" for e in h.events)
            )
            standing = (await session.standings([address]))[card["id"]]
            posted = telegram.sandbox.post(card["id"], "not pushed")
            assert not (await session.hear({card["id"]}, 0.2)).events
            missed = await session.difference(address, standing.pts)
        finally:
            telegram.sandbox.control("member", channel=card["id"], phone=phone, joined=True)
    assert not standing.joined
    assert missed.events[0].records[0].message_id == posted["id"]


async def test_more_than_can_be_read_is_let_go_and_said(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "MOST_WAITING", 3)
    card = telegram.card("broadcast")
    async with listening(telegram) as session:
        address = await address_of(session, card)
        await session.subscribe(None)
        for number in range(8):
            telegram.sandbox.post(card["id"], f"flood {number}")
        await session.standings([address])
        assert (await session.hear({card["id"]}, 1)).lost
        # https://core.telegram.org/constructor/updatesTooLong
        telegram.sandbox.control("too_long")
        assert (await heard(session, card["id"], until=lambda h: h.lost)).lost
