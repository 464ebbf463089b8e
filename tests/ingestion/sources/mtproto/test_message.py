"""Messages to records."""

from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.tl import types

from ingestion.errors import DataError, ErrorClass
from ingestion.sources.mtproto.mapping import map_message
from tests.ingestion.sources.mtproto.samples import (
    CHANNEL,
    DATE,
    MARKED,
    message,
    service,
    stored,
)

#: The first poll of a 2020 archive has this shape: integer sender, `to_id`, a bare question.
OLD_LAYER: dict[str, Any] = {
    "_": "Message",
    "id": 30889,
    "to_id": {"_": "PeerChannel", "channel_id": CHANNEL},
    "date": "2020-07-17T05:43:00+00:00",
    "message": "hello @you",
    "from_id": 983000232,
    "fwd_from": {
        "_": "MessageFwdHeader",
        "date": "2020-07-16T05:43:00+00:00",
        "from_id": 5,
        "channel_id": CHANNEL,
        "channel_post": 12,
        "post_author": "A. Writer",
    },
    "reply_to_msg_id": 30001,
    "media": {
        "_": "MessageMediaPoll",
        "poll": {
            "_": "Poll",
            "id": 5228798932540194861,
            "question": "Which?",
            "answers": [{"_": "PollAnswer", "text": "This", "option": [48]}],
            "closed": True,
            "quiz": True,
        },
        "results": {"_": "PollResults", "total_voters": 28},
    },
    "entities": [{"_": "MessageEntityMention", "offset": 6, "length": 4}],
    "views": None,
    "edit_date": None,
}


def test_a_plain_post() -> None:
    record = map_message(
        message(id=12, message="Good morning", post=True, views=10, forwards=2, post_author="Ann")
    )
    assert (record.message_id, record.date, record.text) == (12, DATE, "Good morning")
    assert (record.kind, record.sender_id, record.author) == ("text", "", "Ann")
    assert (record.views, record.forwards, record.replies) == (10, 2, None)
    assert (record.entities, record.links, record.reactions) == ([], [], {})
    assert (record.media_meta, record.reply_to, record.forward) == (None, None, None)
    assert record.edit_date is None


def test_the_oldest_layer() -> None:
    record = map_message(OLD_LAYER)
    assert record.date == datetime(2020, 7, 17, 5, 43, tzinfo=UTC)
    assert record.sender_id == "983000232"
    assert record.reply_to == {"message_id": 30001}
    assert record.forward == {
        "from_id": str(MARKED),
        "channel_post": 12,
        "date": "2020-07-16T05:43:00+00:00",
        "post_author": "A. Writer",
    }
    assert record.kind == "quiz"
    assert record.media_meta is not None
    assert record.media_meta["question"] == "Which?"
    assert record.media_meta["answers"] == [{"text": "This", "option": "MA=="}]
    assert "closed" not in record.media_meta


def test_offsets_are_utf16_code_units() -> None:
    text = "🇬🇧👨‍👩‍👧 see example.com and #Новости #🔥"
    units = text.encode("utf-16-le")
    offset, tag, last = (
        units.index(part.encode("utf-16-le")) // 2 for part in ("example", "#Н", "#🔥")
    )
    record = map_message(
        message(
            message=text,
            entities=[
                types.MessageEntityTextUrl(0, 4, "https://example.org/flag"),
                types.MessageEntityUrl(offset, 11),
                types.MessageEntityHashtag(tag, 8),
                types.MessageEntityHashtag(last, 3),
                types.MessageEntityUrl(offset, 11),
            ],
        )
    )
    assert record.links == ["https://example.org/flag", "example.com"]
    assert record.hashtags == ["Новости", "🔥"]
    assert record.entities[1] == {"type": "url", "offset": offset, "length": 11}


def test_entities_keep_what_they_carry() -> None:
    record = map_message(
        message(
            message="x" * 60,
            entities=[
                types.MessageEntityPre(0, 1, "python"),
                types.MessageEntityPre(0, 1, ""),
                types.MessageEntityMentionName(1, 2, 42),
                types.MessageEntityCustomEmoji(3, 2, 5368324170671202286),
                types.MessageEntityBlockquote(0, 9, collapsed=True),
                types.MessageEntityBlockquote(0, 9),
            ],
        )
    )
    assert [
        {k: v for k, v in e.items() if k not in {"offset", "length"}} for e in record.entities
    ] == [
        {"type": "pre", "language": "python"},
        {"type": "pre", "language": ""},
        {"type": "mention_name", "user_id": "42"},
        {"type": "custom_emoji", "document_id": "5368324170671202286"},
        {"type": "blockquote", "collapsed": True},
        {"type": "blockquote"},
    ]


def test_an_entity_beyond_the_text_harms_nothing() -> None:
    record = map_message(message(message="ab", entities=[types.MessageEntityUrl(5, 9)]))
    assert record.links == []
    assert len(record.entities) == 1


def test_nul_characters_become_visible_and_offsets_stay() -> None:
    record = map_message(
        message(
            message="a\0b https://x.org/\0",
            post_author="A\0",
            entities=[types.MessageEntityUrl(4, 15)],
        )
    )
    assert record.text == "a␀b https://x.org/␀"
    assert record.author == "A␀"
    assert record.links == ["https://x.org/␀"]
    assert b"\\u0000" not in record.raw_json()


def test_senders_of_groups_have_names() -> None:
    names = {"42": "Ann Onymous", str(MARKED): "The group"}
    member = map_message(message(from_id=types.PeerUser(42)), names=names)
    assert (member.sender_id, member.author) == ("42", "Ann Onymous")
    anonymous = map_message(message(from_id=types.PeerChannel(CHANNEL)), names=names)
    assert (anonymous.sender_id, anonymous.author) == (str(MARKED), "The group")
    stranger = map_message(message(from_id=types.PeerUser(43)), names=names)
    assert (stranger.sender_id, stranger.author) == ("43", "")
    old_group = map_message(message(from_id=types.PeerChat(44)))
    assert old_group.sender_id == "-44"


def test_names_and_counters_are_no_part_of_the_content() -> None:
    raw = message(message="x", from_id=types.PeerUser(42), views=1)
    record = map_message(raw, names={"42": "Ann"})
    later = map_message({**raw, "views": 2}, names={"42": "Ann B."})
    assert record.content_hash() == later.content_hash()
    assert record.counters_hash() != later.counters_hash()


def test_a_hidden_edit_is_no_edit() -> None:
    raw = message(message="x")
    edited = {**raw, "edit_date": DATE}
    hidden = {**edited, "edit_hide": True}
    plain, shown, unseen = (map_message(one) for one in (raw, edited, hidden))
    assert shown.edit_date == unseen.edit_date == DATE
    assert plain.content_hash() == unseen.content_hash() != shown.content_hash()
    reworded = map_message({**hidden, "message": "y"})
    assert reworded.content_hash() != unseen.content_hash()


def test_replies() -> None:
    header = types.MessageReplyHeader(
        reply_to_msg_id=5,
        reply_to_peer_id=types.PeerChannel(CHANNEL),
        quote=True,
        quote_text="said",
        quote_offset=0,
    )
    record = map_message(message(reply_to=header))
    assert record.reply_to == {
        "message_id": 5,
        "peer_id": str(MARKED),
        "quote_text": "said",
        "quote_offset": 0,
    }
    story = types.MessageReplyStoryHeader(peer=types.PeerUser(3), story_id=9)
    assert map_message(message(reply_to=story)).reply_to == {"peer_id": "3", "story_id": 9}


def test_forum_topics() -> None:
    in_topic = types.MessageReplyHeader(forum_topic=True, reply_to_msg_id=100)
    record = map_message(message(reply_to=in_topic))
    assert (record.reply_to, record.topic_id) == (None, 100)
    answer = types.MessageReplyHeader(forum_topic=True, reply_to_msg_id=150, reply_to_top_id=100)
    record = map_message(message(reply_to=answer))
    assert (record.reply_to, record.topic_id) == ({"message_id": 150, "top_id": 100}, 100)
    made = map_message(service(types.MessageActionTopicCreate("News", 7), id=100))
    assert made.topic_id == 100


def test_a_thread_outside_forums_is_no_topic() -> None:
    header = types.MessageReplyHeader(reply_to_msg_id=150, reply_to_top_id=100)
    record = map_message(message(reply_to=header))
    assert (record.reply_to, record.topic_id) == ({"message_id": 150, "top_id": 100}, None)


def test_forwards() -> None:
    header = types.MessageFwdHeader(
        date=DATE,
        from_id=types.PeerChannel(CHANNEL),
        channel_post=8,
        post_author="Ann",
        saved_from_peer=types.PeerUser(4),
        saved_from_msg_id=3,
    )
    assert map_message(message(fwd_from=header)).forward == {
        "from_id": str(MARKED),
        "channel_post": 8,
        "date": "2024-05-17T12:30:05+00:00",
        "post_author": "Ann",
        "saved_from_peer": "4",
        "saved_from_msg_id": 3,
    }
    hidden = types.MessageFwdHeader(date=DATE, from_name="Hidden Person")
    forward = map_message(message(fwd_from=hidden)).forward
    assert forward == {"from_name": "Hidden Person", "date": "2024-05-17T12:30:05+00:00"}


def test_reactions() -> None:
    results = [
        types.ReactionCount(types.ReactionEmoji("👍"), 12),
        types.ReactionCount(types.ReactionCustomEmoji(537), 3),
        types.ReactionCount(types.ReactionPaid(), 50),
    ]
    record = map_message(message(reactions=types.MessageReactions(results)))
    assert record.reactions == {"👍": 12, "custom:537": 3, "paid": 50}
    old = {**message(), "reactions": {"results": [{"reaction": "🔥", "count": 2}]}}
    assert map_message(old).reactions == {"🔥": 2}


def test_comments_are_counted() -> None:
    assert map_message(message(replies=types.MessageReplies(74, 66019))).replies == 74


@pytest.mark.parametrize(
    ("action", "meta"),
    [
        (types.MessageActionChatJoinedByLink(42), {"inviter_id": "42"}),
        (types.MessageActionChatAddUser([1, 2]), {"users": ["1", "2"]}),
        (types.MessageActionChannelMigrateFrom("Old", 5), {"title": "Old", "chat_id": "-5"}),
        (types.MessageActionChatMigrateTo(CHANNEL), {"channel_id": str(MARKED)}),
        (types.MessageActionPinMessage(), {}),
        (types.MessageActionSetMessagesTTL(0), {"period": 0}),
        (types.MessageActionGroupCallScheduled(
            types.InputGroupCall(77, 8), DATE
        ), {"call": {"id": "77"}, "schedule_date": "2024-05-17T12:30:05+00:00"}),
    ],
)  # fmt: skip
def test_actions_stay_structured(action: Any, meta: dict[str, Any]) -> None:
    record = map_message(service(action))
    assert record.kind == "service"
    assert record.text == ""
    found = dict(record.media_meta or {})
    assert found.pop("type") == "service"
    found.pop("action")
    assert found == meta


def test_action_names() -> None:
    names = [
        (types.MessageActionChatJoinedByLink(1), "chat_joined_by_link"),
        (types.MessageActionSetMessagesTTL(1), "set_messages_ttl"),
    ]
    for action, name in names:
        assert (map_message(service(action)).media_meta or {})["action"] == name


def test_rich_messages_have_their_plain_text() -> None:
    def text(words: str) -> types.TextPlain:
        return types.TextPlain(words)

    blocks = [
        types.PageBlockTitle(text("Report\0")),
        types.PageBlockParagraph(
            types.TextConcat([text("All "), types.TextBold(text("well")), text(".")])
        ),
        types.PageBlockList(
            [types.PageListItemText(text("one")), types.PageListItemText(text("two"))]
        ),
        types.PageBlockDivider(),
    ]
    raw = message(rich_message=types.RichMessage(blocks, [], []))
    assert map_message(raw).text == "Report␀\nAll well.\none\ntwo"
    assert map_message(stored(raw)).text == map_message(raw).text


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"_": "Message"},
        {"_": "Message", "id": 1},
        {"_": "Message", "id": 1, "date": "yesterday"},
        {"_": "Message", "id": 1, "date": b"x"},
        {"_": "MessageEmpty", "id": 1},
        {**message(), "entities": [{"_": "MessageEntityBold"}]},
        {**message(), "media": {"_": "MessageMediaPoll"}},
        "text",
    ],
)
def test_what_cannot_be_mapped_raises_one_kind_of_error(raw: Any) -> None:
    with pytest.raises(DataError) as caught:
        map_message(raw)
    assert caught.value.code == "UNMAPPABLE"
    assert caught.value.error_class is ErrorClass.DATA
