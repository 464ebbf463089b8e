"""The head of an answer is read by hand; Telethon reads the same bytes by its schema."""

import pytest
from telethon.extensions import BinaryReader
from telethon.tl import patched, types

from ingestion.sources.mtproto.salvage import salvage
from tests.ingestion.sources.mtproto.samples import CHANNEL, DATE

PEER = types.PeerChannel(CHANNEL)
MESSAGES = [
    patched.Message(id=9, peer_id=PEER, date=DATE, message="nine"),
    patched.MessageService(id=8, peer_id=PEER, date=DATE, action=types.MessageActionPinMessage()),
    types.MessageEmpty(7, PEER),
]
USER = types.User(42, first_name="Ann")


@pytest.mark.parametrize(
    "answer",
    [
        types.messages.ChannelMessages(1, 3, MESSAGES, [], [], [USER]),
        types.messages.ChannelMessages(1, 3, MESSAGES, [], [], [USER], offset_id_offset=4),
        types.messages.Messages(MESSAGES, [], [], [USER]),
    ],
)
def test_the_layout_is_the_one_of_this_telethon(answer: types.messages.ChannelMessages) -> None:
    body = bytes(answer)
    assert bytes(BinaryReader(body).tgread_object()) == body
    found = salvage(body.replace(bytes(USER), b"\xde\xad\xbe\xef"))
    assert found is not None
    assert found.complete
    assert [bytes(one) for one in found.messages] == [bytes(one) for one in MESSAGES]


@pytest.mark.parametrize("broken", [0, 1, 2])
def test_the_id_of_what_cannot_be_read_stands_at_its_beginning(broken: int) -> None:
    body = bytes(types.messages.ChannelMessages(1, 3, MESSAGES, [], [], []))
    start = body.index(bytes(MESSAGES[broken]))
    # The peer comes after the id; the empty message's peer is the last thing of its kind.
    peer = body.index(bytes(PEER), start)
    found = salvage(body[:peer] + b"\xde\xad\xbe\xef" + body[peer + 4 :])
    assert found is not None
    assert not found.complete
    assert len(found.messages) == broken
    assert found.bad_id == MESSAGES[broken].id


def test_a_truncated_answer() -> None:
    body = bytes(types.messages.ChannelMessages(1, 3, MESSAGES, [], [], []))
    cut = body.index(bytes(MESSAGES[1])) + 6
    found = salvage(body[:cut])
    assert found is not None
    assert (len(found.messages), found.bad_id) == (1, None)


@pytest.mark.parametrize("body", [b"", b"\x01", b"\xde\xad\xbe\xef" * 4, bytes(USER)])
def test_what_is_no_list_of_messages(body: bytes) -> None:
    assert salvage(body) is None
