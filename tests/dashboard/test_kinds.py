"""Media and what hangs on messages, as templates show them."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from archive.filters import KINDS
from dashboard.kinds import hanging_of, medium_of
from dashboard.kinds.waves import wave


def shown(kind: str, meta: dict[str, Any], attached: dict[str, Any] | None = None) -> str:
    medium = medium_of(kind, meta, attached, {"7": "Боря", "-1001": "Harbor"})
    assert medium is not None
    return render_to_string(medium.template, {"m": medium, "there": "/x/", "big": True})


def poll(**more: Any) -> dict[str, Any]:
    answers = [{"text": "ليمون", "option": "MA=="}, {"text": "<Tea>", "option": "MQ=="}]
    return {"type": "quiz", "question": "Which?", "answers": answers, **more}


def test_results_of_a_quiz_are_bars_with_the_right_answer() -> None:
    votes = {
        "total": 4,
        "closed": True,
        "answers": [
            {"option": "MA==", "voters": 3, "correct": True},
            {"option": "MQ==", "voters": 1},
        ],
        "solution": "So it is.",
    }
    page = shown("quiz", poll(), {"poll": votes})
    assert page.count("<progress") == 2
    assert 'value="75.0"' in page
    assert "75%" in page
    assert page.index("right answer") < page.index("&lt;Tea&gt;")
    assert "4 voters" in page
    assert "closed" in page
    assert "So it is." in page


def test_before_voting_a_poll_has_no_bars() -> None:
    page = shown("poll", poll(type="poll"), {"poll": {"total": 70}})
    assert "<progress" not in page
    assert "70 voters" in page


def test_votes_of_a_source_that_knows_answers_by_their_words() -> None:
    votes = {"total": 4, "answers": [{"text": "<Tea>", "voters": 4}]}
    page = shown("poll", poll(type="poll"), {"poll": votes})
    assert page.count("<progress") == 1
    assert "100%" in page


def test_an_answer_of_a_voter_is_marked() -> None:
    page = shown("poll", poll(), {"poll": {"added": [{"text": "Kayak", "option": "Mg=="}]}})
    assert "added by a voter" in page


def test_a_checklist_says_who_ticked_what() -> None:
    meta = {"title": "Boat", "items": [{"id": 1, "text": "Rope"}, {"id": 2, "text": "Tea"}]}
    page = shown("todo", meta, {"todo": {"done": [{"id": 2, "by": "7"}]}})
    assert page.index("open:") < page.index("Rope") < page.index("done:") < page.index("Tea")
    assert "Боря" in page


def test_a_place_links_to_a_map_and_loads_nothing() -> None:
    page = shown("venue", {"lat": 57.15, "long": -2.09, "title": "神保町", "address": "千代田区"})
    assert "openstreetmap.org/?mlat=57.15&amp;mlon=-2.09" in page
    assert "geo:57.15,-2.09" in page
    assert "<img" not in page


def test_a_place_that_telegram_does_not_tell() -> None:
    assert "openstreetmap" not in shown("geo", {"type": "geo"})


def test_a_contact_is_called_by_a_link() -> None:
    meta = {"first_name": "Ann", "last_name": "B", "phone_number": "1555", "vcard": "BEGIN:VCARD"}
    page = shown("contact", meta)
    assert 'href="tel:+1555"' in page
    assert "BEGIN:VCARD" in page


def test_a_slot_machine_shows_its_reels() -> None:
    assert "7️⃣7️⃣7️⃣" in shown("dice", {"emoji": "🎰", "value": 64})
    assert "<b>5</b>" in shown("dice", {"emoji": "🎲", "value": 5})


def test_a_giveaway_and_its_results() -> None:
    page = shown(
        "giveaway", {"type": "giveaway", "channels": ["-1001"], "quantity": 10, "months": 3}
    )
    assert "Telegram Premium for 3 months" in page
    assert "Harbor" in page
    results = {"type": "giveaway_results", "channel": "-1001", "winners": ["7"], "winners_count": 9}
    page = shown("giveaway", {**results, "unclaimed_count": 1, "refunded": True})
    assert "Winners of a giveaway" in page
    assert "Боря" in page


def test_money_in_an_invoice() -> None:
    page = shown(
        "invoice", {"title": "Berth", "total_amount": 2450, "currency": "EUR", "test": True}
    )
    assert "24.50 EUR" in page
    assert "no real money" in page


def test_a_story_that_was_read_and_one_that_was_not() -> None:
    meta = {"peer_id": "7", "story_id": 3}
    assert "Fog at six" in shown("story", meta, {"story": {"text": "Fog at six"}})
    assert "not to be read" in shown("story", meta)


def test_paid_media_has_a_price_and_an_outline() -> None:
    attached = {"paid": [{"type": "preview", "width": 640, "height": 480, "duration": 9}]}
    page = shown("paid_media", {"stars": 50, "items": 1}, attached)
    assert "50 stars" in page
    assert "Video, 640 × 480, 0:09" in page


def test_what_is_not_known_names_its_constructor() -> None:
    page = shown("unknown", {"type": "unknown", "tl": "MessageMediaNew"})
    assert "<code>MessageMediaNew</code>" in page
    assert "<code>" not in shown("hologram", {"type": "hologram"})


def test_a_covered_picture_is_uncovered_without_a_script() -> None:
    thumb = "ARAQ" + "A" * 40
    page = shown("photo", {"type": "photo", "thumb": thumb, "spoiler": True})
    assert '<input type="checkbox"' in page
    assert '<input type="checkbox"' not in shown("photo", {"type": "photo", "thumb": thumb})


def test_a_waveform_is_drawn() -> None:
    assert wave("//////////8=").count("M") == 48
    assert wave(None) == wave("not base64!") == ""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"text", "service"}])
def test_a_record_of_another_program_breaks_no_page(kind: str) -> None:
    """Exports and web pages tell less, and not always as Telegram does."""
    names = ("items", "stars", "value", "until", "channel", "period", "lat", "total_amount")
    for meta in ({}, dict.fromkeys(names, "odd"), dict.fromkeys(names, 5)):
        assert shown(kind, {"type": kind, **meta}, {"poll": {}, "todo": {}, "paid": []}).strip()


def hanging(attached: dict[str, Any]) -> str:
    made = hanging_of(attached, {"12": "Tide Bot"})
    return render_to_string("dashboard/media/hanging.html", {"hanging": made})


def test_a_preview_shows_the_sites_words_and_loads_nothing_from_it() -> None:
    page = hanging({"preview": {"url": "https://example.org/a", "site": "Ex", "title": "<T>"}})
    assert 'href="https://example.org/a"' in page
    assert "&lt;T&gt;" in page
    assert "<img" not in page


def test_buttons_are_links_only_where_they_lead_somewhere() -> None:
    rows = [
        [
            {"text": "Read", "type": "url", "url": "https://example.org"},
            {"text": "Run", "type": "url", "url": "javascript:alert(1)"},
            {"text": "Vote", "type": "callback"},
        ]
    ]
    page = hanging({"buttons": rows})
    assert page.count("<a ") == 1
    assert "javascript:" not in page
    assert "asks the bot" in page


def test_how_a_message_was_sent() -> None:
    page = hanging({"via_bot": "12", "ttl_period": 86400, "effect": "5", "paid_stars": 3})
    for words in ("Tide Bot", "1 d", "with an effect", "3 stars"):
        assert words in page


def test_nothing_hangs_on_most_messages() -> None:
    assert not hanging_of(None)
    assert not hanging_of({})
