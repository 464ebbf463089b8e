"""Every service message is a sentence, in every language, whatever its values are."""

import pytest
from django.utils import translation

from dashboard.service import KNOWN, isolated, people_in, sentence
from ingestion.sources.mtproto.mapping import map_message
from tests.ingestion.sources.mtproto.samples import constructors, filled, service


@pytest.mark.parametrize("constructor", constructors("MessageAction"), ids=lambda one: one.__name__)
def test_every_action_has_a_sentence(constructor: type) -> None:
    record = map_message(service(filled(constructor)))
    meta = record.media_meta or {}
    assert meta["action"] in KNOWN
    for language in ("en", "ru"):
        with translation.override(language):
            assert sentence(meta, "Ann").strip()


def said(action: str, **fields: object) -> str:
    """Return it without the isolates."""
    names = {"7": "Боря", "8": "ليلى"}
    text = sentence({"type": "service", "action": action, **fields}, "Ann", names)
    return text.replace("\u2068", "").replace("\u2069", "")


def test_sentences_name_who_and_what() -> None:
    assert said("chat_edit_title", title="New") == "Ann changed the title to “New”"
    assert said("chat_add_user", users=["7"]) == "Ann added Боря"
    assert said("chat_add_user", users=["7", "8", "9"]) == "Ann added Боря, ليلى and #9"
    assert said("chat_add_user") == "Ann joined"
    assert said("chat_delete_user", user_id="8") == "ليلى is no longer in the group"
    assert said("group_call") == "Ann started a video chat"
    assert said("group_call", duration=3725) == "A video chat ended after 1 h 2 min"
    assert said("set_messages_ttl", period=86400) == "Ann set messages to be deleted after 1 d"
    assert said("set_messages_ttl", period=0).startswith("Ann switched off")
    assert said("payment_sent", currency="JPY", total_amount=4800) == "Ann paid 4,800 JPY"
    assert said("payment_sent", currency="EUR", total_amount=2450) == "Ann paid 24.50 EUR"
    assert said("boost_apply", boosts=1) == "Ann boosted this 1 time"
    assert said("giveaway_results", winners_count=9) == "A giveaway ended with 9 winners"
    assert said("topic_edit", closed=True) == "Ann closed the topic"
    assert said("todo_completions", completed=[1, 2], incompleted=[3]) == (
        "Ann ticked 2 tasks off and opened 1 again"
    )
    assert said("custom_action", message="As Telegram says, 100% so.") == (
        "As Telegram says, 100% so."
    )


def test_what_is_not_known_is_said_so() -> None:
    assert said("dance_party") == "Something this version does not know: dance party"
    assert sentence({}) == "Something this version does not know: "


def test_telegram_desktops_names_stand_where_ids_would() -> None:
    assert said("chat_add_user", members=["Боря", "Eve"]) == "Ann added Боря and Eve"
    assert said("chat_delete_user", members=["Боря"]) == "Боря is no longer in the group"


@pytest.mark.parametrize("action", sorted(KNOWN))
def test_a_record_of_another_program_breaks_no_page(action: str) -> None:
    odd = dict.fromkeys(
        ("users", "duration", "period", "schedule_date", "price", "gift", "boosts", "stars"), "odd"
    )
    everything: list[dict[str, object]] = [
        {},
        {**odd},
        {**dict.fromkeys(odd, 17)},
        {name: [None] for name in odd},
    ]
    for fields in everything:
        assert said(action, **fields, message="words")


def test_names_are_set_apart_from_the_words_around_them() -> None:
    text = sentence({"action": "chat_add_user", "users": ["8"]}, "Ann", {"8": "ليلى"})
    assert text == f"{isolated('Ann')} added {isolated('ليلى')}"


def test_whom_a_sentence_names() -> None:
    meta = {"action": "geo_proximity_reached", "from_id": "7", "to_id": "8", "distance": 500}
    assert list(people_in(meta)) == ["7", "8"]
