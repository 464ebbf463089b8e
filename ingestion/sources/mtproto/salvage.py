"""Where an unreadable answer stops being readable.

TL objects carry no length, so nothing after the first unknown constructor can be read. But what
stands before it can be counted, and the id of the message in question stands at its beginning.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

from telethon.tl import types

from ingestion.sources.mtproto.errors import UNREADABLE
from ingestion.sources.mtproto.reader import FastReader

_VECTOR: Final = 0x1CB5C415
#: Bytes from a message's beginning to its id: after the constructor and one or two flag fields.
_ID_AT: Final = {
    types.Message.CONSTRUCTOR_ID: 12,
    types.MessageService.CONSTRUCTOR_ID: 8,
    types.MessageEmpty.CONSTRUCTOR_ID: 8,
}


@dataclass(frozen=True, slots=True)
class Salvage:
    """What of an answer could be read.

    `messages` came before the unreadable one. `bad_id` is its id, when that could be read;
    `complete` says that all messages were readable and only the people named in them were not.
    """

    messages: list[Any]
    complete: bool
    bad_id: int | None


def salvage(body: bytes) -> Salvage | None:
    """Read as far as possible; None when it is no list of messages at all."""
    reader = FastReader(body)
    try:
        count = _read_head(reader)
    except UNREADABLE:
        return None
    if count is None:
        return None
    messages: list[Any] = []
    for _ in range(count):
        position = reader.tell_position()
        try:
            messages.append(reader.tgread_object())
        except UNREADABLE:
            return Salvage(messages, complete=False, bad_id=_peek_id(body, position))
    return Salvage(messages, complete=True, bad_id=None)


def _read_head(reader: FastReader) -> int | None:
    """Read up to the first message; returns how many follow.

    https://core.telegram.org/constructor/messages.channelMessages
    """
    constructor = reader.read_int(signed=False)
    if constructor == types.messages.ChannelMessages.CONSTRUCTOR_ID:
        flags = reader.read_int()
        reader.read_int()  # pts
        reader.read_int()  # count
        if flags & 4:
            reader.read_int()  # offset_id_offset
    elif constructor != types.messages.Messages.CONSTRUCTOR_ID:
        return None
    if reader.read_int(signed=False) != _VECTOR:
        return None
    count: int = reader.read_int()
    return count


def _peek_id(body: bytes, position: int) -> int | None:
    try:
        (constructor,) = struct.unpack_from("<I", body, position)
        offset = _ID_AT.get(constructor)
        if offset is None:
            return None
        (message_id,) = struct.unpack_from("<i", body, position + offset)
    except struct.error:
        return None
    return int(message_id)
