"""The fast reader reads what Telethon's own reads."""

from typing import Any

import pytest
from telethon.extensions import BinaryReader
from telethon.tl import types

from ingestion.sources.mtproto.errors import UNREADABLE
from ingestion.sources.mtproto.reader import FastReader
from tests.ingestion.sources.mtproto.samples import (
    CHANNEL,
    DATE,
    constructors,
    filled,
)

OBJECTS = [
    one
    for prefix in ("MessageMedia", "MessageEntity", "MessageAction", "User", "Channel", "WebPage")
    for one in constructors(prefix)
]


def both(body: bytes) -> tuple[dict[str, Any], dict[str, Any], int, int]:
    slow, fast = BinaryReader(body), FastReader(body)
    return (
        slow.tgread_object().to_dict(),
        fast.tgread_object().to_dict(),
        slow.tell_position(),
        fast.tell_position(),
    )


@pytest.mark.parametrize("constructor", OBJECTS, ids=lambda one: one.__name__)
def test_objects(constructor: type) -> None:
    body = bytes(filled(constructor, depth=2))
    slow, fast, *positions = both(body)
    assert fast == slow
    assert positions == [len(body), len(body)]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 252, 253, 254, 255, 256, 257, 70_000])
def test_texts_of_every_length(length: int) -> None:
    post = types.Message(1, types.PeerChannel(CHANNEL), DATE, "x" * length, post_author="Ann")
    body = bytes(post)
    slow, fast, *positions = both(body)
    assert fast == slow
    assert fast["message"] == "x" * length
    assert positions == [len(body), len(body)]


def test_dates_before_and_after_1970() -> None:
    for seconds in (-(2**31), -1, 0, 1, 2**31 - 1):
        body = seconds.to_bytes(4, "little", signed=True)
        assert FastReader(body).tgread_date() == BinaryReader(body).tgread_date()


def test_numbers() -> None:
    body = b"\xff" * 8
    for signed in (True, False):
        assert FastReader(body).read_int(signed) == BinaryReader(body).read_int(signed)
        assert FastReader(body).read_long(signed) == BinaryReader(body).read_long(signed)


def test_text_that_is_not_utf8_is_read() -> None:
    assert FastReader(b"\x03a\xffb").tgread_string() == "a\N{REPLACEMENT CHARACTER}b"


def test_whatever_is_cut_off_or_changed_raises_what_is_expected() -> None:
    body = bytes(
        types.messages.ChannelMessages(
            1, 1, [filled(types.Message, depth=2)], [], [], [types.User(4, first_name="Ann")]
        )
    )
    for position in range(0, len(body), 3):
        for broken in (
            body[:position],
            body[:position] + b"\xde\xad\xbe\xef" + body[position + 4 :],
        ):
            try:
                FastReader(broken).tgread_object()
            except UNREADABLE:
                continue
