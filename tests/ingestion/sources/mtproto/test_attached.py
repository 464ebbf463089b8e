"""What changes by itself is kept, shown and counted, and is never an edit."""

from typing import Any

from telethon.tl import types

from ingestion.sources.mtproto.mapping import map_message
from tests.ingestion.sources.mtproto.samples import DATE, message, stored


def text(words: str) -> types.TextWithEntities:
    return types.TextWithEntities(words, [])


def quiz(*, closed: bool | None = None, results: Any = None) -> dict[str, Any]:
    poll = types.Poll(
        5,
        text("Which?"),
        [types.PollAnswer(text("this"), b"0"), types.PollAnswer(text("that"), b"1")],
        hash=0,
        quiz=True,
        closed=closed,
    )
    return message(media=types.MessageMediaPoll(poll, results or types.PollResults()))


def test_results_of_a_poll_are_counted_and_are_no_edit() -> None:
    before = map_message(quiz())
    after = map_message(
        quiz(
            closed=True,
            results=types.PollResults(
                results=[
                    types.PollAnswerVoters(b"0", voters=3, correct=True),
                    types.PollAnswerVoters(b"1", voters=1),
                ],
                total_voters=4,
                recent_voters=[types.PeerUser(9)],
                solution="Because.",
                solution_entities=[types.MessageEntityBold(0, 7)],
            ),
        )
    )
    assert before.attached is None
    assert after.attached == {
        "poll": {
            "closed": True,
            "total": 4,
            "answers": [
                {"option": "MA==", "voters": 3, "correct": True},
                {"option": "MQ==", "voters": 1},
            ],
            "solution": "Because.",
            "solution_entities": [{"type": "bold", "offset": 0, "length": 7}],
        }
    }
    assert before.content_hash() == after.content_hash()
    assert before.counters_hash() != after.counters_hash()


def test_before_voting_only_the_total_is_known() -> None:
    record = map_message(quiz(results=types.PollResults(min=True, total_voters=70)))
    assert record.attached == {"poll": {"total": 70}}


def test_answers_that_voters_added_are_no_edit() -> None:
    raw = quiz()
    changed = quiz()
    changed["media"]["poll"]["answers"].append(
        types.PollAnswer(text("both"), b"2", added_by=types.PeerUser(77), date=DATE).to_dict()
    )
    record = map_message(changed)
    assert record.content_hash() == map_message(raw).content_hash()
    assert record.attached == {"poll": {"added": [{"text": "both", "option": "Mg==", "by": "77"}]}}


def test_a_preview_that_comes_later_is_no_edit() -> None:
    pending = types.WebPagePending(8, DATE, url="https://example.org/a")
    page = types.WebPage(
        8,
        "https://example.org/a",
        "example.org/a",
        0,
        type="article",
        site_name="Example",
        title="A title",
        description="Some words",
        author="Somebody",
        photo=types.Photo(4, 1, b"ref", DATE, [types.PhotoSize("m", 320, 200, 900)], 2),
        has_large_media=True,
    )
    first, later = (
        map_message(message(message="x", media=types.MessageMediaWebPage(one)))
        for one in (pending, page)
    )
    assert first.attached is None
    assert later.attached == {
        "preview": {
            "url": "https://example.org/a",
            "type": "article",
            "site": "Example",
            "title": "A title",
            "description": "Some words",
            "author": "Somebody",
            "photo": {"type": "photo", "id": "4", "width": 320, "height": 200, "size": 900},
            "large": True,
        }
    }
    assert first.content_hash() == later.content_hash()


def test_ticks_of_a_checklist_say_who_and_when() -> None:
    todo = types.TodoList(text("Packing"), [types.TodoItem(1, text("rope"))])
    done = [types.TodoCompletion(1, types.PeerUser(5), DATE)]
    open_, ticked = (
        map_message(message(media=types.MessageMediaToDo(todo, completions=c))) for c in ([], done)
    )
    assert open_.content_hash() == ticked.content_hash()
    assert ticked.attached == {"todo": {"done": [{"id": 1, "by": "5", "at": DATE.isoformat()}]}}


def test_paid_media_that_was_bought_is_no_edit() -> None:
    outline = types.MessageExtendedMediaPreview(
        640, 480, types.PhotoStrippedSize("i", b"\1\2\3"), 9
    )
    bought = types.MessageExtendedMedia(types.MessageMediaPhoto(photo=types.PhotoEmpty(3)))
    before, after = (
        map_message(message(media=types.MessageMediaPaidMedia(50, [one])))
        for one in (outline, bought)
    )
    assert before.content_hash() == after.content_hash()
    assert before.attached == {
        "paid": [
            {"type": "preview", "width": 640, "height": 480, "duration": 9, "thumb": "AQID"},
        ]
    }
    assert after.attached == {"paid": [{"type": "photo", "id": "3"}]}


def test_buttons_of_this_layer_and_of_older_ones() -> None:
    row = types.KeyboardInlineButtonRow(
        [
            types.KeyboardInlineButton("Read", types.InlineButtonTypeUrl("https://example.org")),
            types.KeyboardInlineButton("Vote", types.InlineButtonTypeCallback(b"\0")),
            types.KeyboardInlineButton("Code", types.InlineButtonTypeCopy("ABC")),
        ]
    )
    new = message(reply_markup=types.ReplyInlineMarkup([row]))
    old = message()
    old["reply_markup"] = {
        "_": "ReplyInlineMarkup",
        "rows": [
            {
                "_": "KeyboardButtonRow",
                "buttons": [
                    {"_": "KeyboardButtonUrl", "text": "Read", "url": "https://example.org"},
                    {"_": "KeyboardButtonCallback", "text": "Vote", "data": [0]},
                    {"_": "KeyboardButtonCopy", "text": "Code", "copy_text": "ABC"},
                ],
            }
        ],
    }
    expected = {
        "buttons": [
            [
                {"text": "Read", "type": "url", "url": "https://example.org"},
                {"text": "Vote", "type": "callback"},
                {"text": "Code", "type": "copy", "copy": "ABC"},
            ]
        ]
    }
    for raw in (new, stored(new), old):
        assert map_message(raw).attached == expected


def test_how_it_was_sent() -> None:
    record = map_message(
        message(
            via_bot_id=12,
            effect=5_104_841_245_755_180_586,
            ttl_period=86_400,
            paid_message_stars=3,
            from_boosts_applied=2,
            restriction_reason=[types.RestrictionReason("ios", "porn", "Not here.")],
            factcheck=types.FactCheck(0, country="DE", text=text("It is not so.")),
        )
    )
    assert record.attached == {
        "via_bot": "12",
        "effect": "5104841245755180586",
        "ttl_period": 86_400,
        "paid_stars": 3,
        "sender_boosts": 2,
        "restricted": [{"platform": "ios", "reason": "porn", "text": "Not here."}],
        "fact_check": {"text": "It is not so.", "country": "DE"},
    }


def test_nothing_hangs_on_a_plain_message() -> None:
    plain, with_photo = message(message="words"), message(media=types.MessageMediaPhoto())
    assert map_message(plain).attached is None
    assert map_message(with_photo).attached is None
