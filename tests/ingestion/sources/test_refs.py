"""How people write channels."""

import pytest

from ingestion.errors import ErrorClass, InputError
from ingestion.sources.refs import parse_channel_ref


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
    ],
)
def test_ways_to_write_a_channel(text: str) -> None:
    assert parse_channel_ref(text) == "durov_news"


def test_names_keep_their_case() -> None:
    assert parse_channel_ref("@DurovNews") == "DurovNews"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "CHANNEL_EMPTY"),
        ("   ", "CHANNEL_EMPTY"),
        ("https://t.me/+AbCdEf0123456789", "INVITE_LINK"),
        ("https://t.me/joinchat/AbCdEf0123456789", "INVITE_LINK"),
        ("tg://join?invite=AbCdEf0123456789", "INVITE_LINK"),
        ("https://t.me/c/1234567890/5", "PRIVATE_LINK"),
        ("https://t.me/addstickers/Animals", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/$invoice", "NOT_A_CHANNEL_LINK"),
        ("https://t.me/", "NOT_A_CHANNEL_LINK"),
        ("https://example.org/durov", "NOT_A_CHANNEL_LINK"),
        ("ftp://t.me/durov", "NOT_A_CHANNEL_LINK"),
        ("https://[broken", "NOT_A_CHANNEL_LINK"),
        ("tg://settings", "NOT_A_CHANNEL_LINK"),
        ("+442079460958", "CHANNEL_NUMBER"),
        ("-1001234567890", "CHANNEL_NUMBER"),
        ("1234567890", "CHANNEL_NUMBER"),
        ("@abc", "CHANNEL_NAME_SHORT"),
        ("@канал", "CHANNEL_NAME_INVALID"),
        ("two words", "CHANNEL_NAME_INVALID"),
        ("1channel", "CHANNEL_NAME_INVALID"),
        ("@" + "x" * 33, "CHANNEL_NAME_INVALID"),
    ],
)
def test_what_is_refused_and_why(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_channel_ref(text)
    assert caught.value.code == code
    assert caught.value.error_class is ErrorClass.DATA
    assert caught.value.happened.endswith(".")
    assert caught.value.to_do.endswith((".", "https://t.me/telegram."))
