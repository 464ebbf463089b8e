"""How people write channels."""

import pytest

from ingestion.errors import ErrorClass, InputError
from ingestion.sources.refs import (
    ChannelRef,
    Invite,
    PeerId,
    Username,
    parse_many,
    parse_message,
    parse_ref,
)


@pytest.mark.parametrize(
    "text",
    [
        "@durov_news",
        "durov_news",
        "  durov_news \n",
        "https://t.me/durov_news",
        "http://t.me/durov_news/",
        "https://t.me/durov_news/123",
        "https://t.me/durov_news/123?single&comment=4",
        "https://t.me/s/durov_news",
        "https://t.me/s/durov_news?before=20",
        "t.me/durov_news",
        "T.ME/durov_news",
        "www.t.me/durov_news",
        "telegram.me/durov_news",
        "https://durov-news.t.me",
        "https://durov-news.t.me/5",
        "tg://resolve?domain=durov_news",
        "tg:resolve?domain=durov_news&post=5",
        "https://t.me/@durov_news",
        "https://web.telegram.org/k/#@durov_news",
    ],
)
def test_ways_to_write_a_name(text: str) -> None:
    assert parse_ref(text) == Username("durov_news")


def test_names_keep_their_case() -> None:
    assert parse_ref("@DurovNews") == Username("DurovNews")


@pytest.mark.parametrize(
    "text",
    [
        "-1001234567890",
        "1001234567890",
        "1234567890",
        " 1234567890 ",
        "https://t.me/c/1234567890",
        "https://t.me/c/1234567890/55",
        "t.me/c/1234567890/7/55?thread=7",
        "tg://privatepost?channel=1234567890&post=55",
        "tg:privatepost?channel=1234567890",
        "https://web.telegram.org/a/#-1001234567890",
        "https://web.telegram.org/k/#-1234567890",
    ],
)
def test_ways_to_write_a_number(text: str) -> None:
    assert parse_ref(text) == PeerId(-1_001_234_567_890)


@pytest.mark.parametrize("text", ["1234567", "-1001234567", "-1000001234567", "t.me/c/1234567/1"])
def test_old_channels_have_short_numbers(text: str) -> None:
    assert parse_ref(text) == PeerId(-1_000_001_234_567)


@pytest.mark.parametrize(
    "text",
    [
        "https://t.me/+AbCdEf0123-_6789",
        "t.me/+AbCdEf0123-_6789",
        "https://t.me/joinchat/AbCdEf0123-_6789",
        "tg://join?invite=AbCdEf0123-_6789",
        "tg:join?invite=AbCdEf0123-_6789",
        "+AbCdEf0123-_6789",
    ],
)
def test_ways_to_write_an_invite(text: str) -> None:
    assert parse_ref(text) == Invite("AbCdEf0123-_6789")


@pytest.mark.parametrize(
    "ref", [Username("durov_news"), PeerId(-1_001_234_567_890), Invite("AbCdEf0123456789")]
)
def test_what_was_read_can_be_written_and_read_again(ref: ChannelRef) -> None:
    assert parse_ref(str(ref)) == ref


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "CHANNEL_EMPTY"),
        ("   ", "CHANNEL_EMPTY"),
        ("https://t.me/addstickers/Animals", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/$invoice", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/c/", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/joinchat", "NOT_A_CHANNEL_LINK"),
        ("https://example.org/durov", "NOT_A_CHANNEL_LINK"),
        ("https://web.telegram.org/a/", "NOT_A_CHANNEL_LINK"),
        ("ftp://t.me/durov", "NOT_A_CHANNEL_LINK"),
        ("https://[broken", "NOT_A_CHANNEL_LINK"),
        ("tg://[broken", "NOT_A_CHANNEL_LINK"),
        ("tg://settings", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/c/channel/5", "NOT_A_CHANNEL_NUMBER"),
        ("tg://privatepost?channel=0", "NOT_A_CHANNEL_NUMBER"),
        ("0", "NOT_A_CHANNEL_NUMBER"),
        ("9" * 5000, "NOT_A_CHANNEL_NUMBER"),
        ("+442079460958", "PHONE_NUMBER"),
        ("https://t.me/+442079460958", "PHONE_NUMBER"),
        ("+", "INVITE_LINK_INVALID"),
        ("https://t.me/+ab", "INVITE_LINK_INVALID"),
        ("https://t.me/joinchat/Ab%20Cd", "INVITE_LINK_INVALID"),
        ("@abc", "CHANNEL_NAME_SHORT"),
        ("@канал", "CHANNEL_NAME_INVALID"),
        ("two words", "CHANNEL_NAME_INVALID"),
        ("1channel", "CHANNEL_NAME_INVALID"),
        ("١٢٣٤٥٦٧٨٩٠", "CHANNEL_NAME_INVALID"),
        ("@" + "x" * 33, "CHANNEL_NAME_INVALID"),
    ],
)
def test_what_is_refused_and_why(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_ref(text)
    assert caught.value.code == code
    assert caught.value.error_class is ErrorClass.DATA
    happened, to_do = (str(sentence) for sentence in caught.value.told.sentences)
    assert happened.endswith(".")
    assert len(happened) < 200
    assert to_do.endswith((".", "https://t.me/telegram.", "1234567890."))


def test_several_lines_have_a_result_each() -> None:
    lines = parse_many("@first_one\n\n  https://t.me/second_one/5  \r\nnot a name\n, third_one,\n")
    assert [(line.text, line.ref) for line in lines] == [
        ("@first_one", Username("first_one")),
        ("https://t.me/second_one/5", Username("second_one")),
        ("not a name", None),
        ("third_one", Username("third_one")),
    ]
    assert [line.error.code if line.error else "" for line in lines] == [
        "",
        "",
        "CHANNEL_NAME_INVALID",
        "",
    ]
    assert parse_many(" \n ,\n") == []


def test_what_stands_there_twice_is_told() -> None:
    lines = parse_many("@First_One\nt.me/first_one\n1234567890\nt.me/c/1234567890/5\n@First_One")
    codes = [line.error.code if line.error else "" for line in lines]
    assert codes == ["", "REPEATED", "", "REPEATED", "REPEATED"]
    assert [line.ref for line in lines if line.error] == [None, None, None]
    assert lines[1].error
    assert str(lines[1].error) == ("“t.me/first_one” stands here twice, above as “@First_One”.")


@pytest.mark.parametrize(
    ("text", "channel", "number"),
    [
        ("https://t.me/durov_news/123", "@durov_news", 123),
        (" t.me/s/durov_news/123 ", "@durov_news", 123),
        ("https://t.me/durov_news/7/123?single&comment=4", "@durov_news", 123),
        ("https://durov-news.t.me/5", "@durov_news", 5),
        ("https://t.me/c/1234567890/55", "-1001234567890", 55),
        ("https://t.me/c/1234567890/7/55", "-1001234567890", 55),
        ("tg://resolve?domain=durov_news&post=5", "@durov_news", 5),
        ("tg://privatepost?channel=1234567890&post=55", "-1001234567890", 55),
    ],
)
def test_a_link_of_a_message_says_which(text: str, channel: str, number: int) -> None:
    found = parse_message(text)
    assert found
    assert (str(found[0]), found[1]) == (channel, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ferry",
        "12",
        "https://t.me/durov_news",
        "https://t.me/c/1234567890",
        "https://t.me/s/durov_news",
        "https://t.me/+AbCdEfGhIjK/5",
        "https://t.me/durov_news/12345678901",
        "https://example.org/durov_news/5",
        "https://t.me/durov_news/5 and more",
        "https://[t.me/5",
    ],
)
def test_other_texts_are_no_link_of_a_message(text: str) -> None:
    assert parse_message(text) is None
