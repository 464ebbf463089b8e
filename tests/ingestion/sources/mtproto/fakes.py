"""A history that answers as Telegram documents it, with real bytes and no connection."""

from typing import Any

from telethon.extensions import BinaryReader
from telethon.tl import functions, patched, types

from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.history import History
from ingestion.sources.mtproto.wire import _Request
from tests.ingestion.sources.mtproto.samples import CHANNEL, DATE, MARKED

ADDRESS = ChannelAddress(MARKED, 77)
#: A constructor that no layer has.
NOISE = b"\xde\xad\xbe\xef"


class FakeWire:
    """Answers getHistory and getMessages for messages with these ids.

    Messages in `garbled` have a medium that nobody knows; those in `headless` are themselves of
    an unknown constructor, so that not even their id can be read.
    """

    def __init__(
        self,
        ids: range | list[int],
        *,
        garbled: tuple[int, ...] = (),
        headless: tuple[int, ...] = (),
        garbled_people: bool = False,
    ) -> None:
        self.ids = sorted(ids, reverse=True)
        self.garbled = garbled
        self.headless = headless
        self.garbled_people = garbled_people
        self.requests: list[Any] = []

    async def send(self, request: Any) -> Any:
        self.requests.append(request)
        if isinstance(request, functions.messages.GetHistoryRequest):
            messages = [self._message(one) for one in self._slice(request)]
        else:
            messages = [self._message(one.id) for one in request.id]
        return _Request.read_result(BinaryReader(self._bytes(messages)))

    def _slice(self, request: functions.messages.GetHistoryRequest) -> list[int]:
        """https://core.telegram.org/api/offsets: offset and limit first, min_id afterwards."""
        older = [one for one in self.ids if not request.offset_id or one < request.offset_id]
        part = older[request.add_offset :][: request.limit]
        return [one for one in part if one > request.min_id]

    def _message(self, message_id: int) -> Any:
        if message_id not in self.ids:
            return types.MessageEmpty(message_id, types.PeerChannel(CHANNEL))
        fields: dict[str, Any] = {}
        if message_id in self.garbled:
            fields["media"] = types.MessageMediaUnsupported()
        return patched.Message(
            id=message_id,
            peer_id=types.PeerChannel(CHANNEL),
            from_id=types.PeerUser(42),
            date=DATE,
            message=f"message {message_id}",
            **fields,
        )

    def _bytes(self, messages: list[Any]) -> bytes:
        people = [types.User(42, first_name="Ann")]
        body = bytes(types.messages.ChannelMessages(1, len(self.ids), messages, [], [], people))
        body = body.replace(bytes(types.MessageMediaUnsupported()), NOISE)
        for message in messages:
            if message.id in self.headless:
                whole = bytes(message)
                body = body.replace(whole, NOISE + whole[4:])
        if self.garbled_people:
            body = body.replace(bytes(people[0]), NOISE)
        return body


def history(wire: FakeWire) -> History:
    return History(wire)  # type: ignore[arg-type] # all that is asked of a wire
