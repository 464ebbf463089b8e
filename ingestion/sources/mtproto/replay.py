"""Reading again what was set aside, after an update that may know it."""

import orjson

from ingestion.errors import DataError
from ingestion.records import MessageRecord
from ingestion.sources.mtproto.answers import read_answer
from ingestion.sources.mtproto.errors import UNREADABLE
from ingestion.sources.mtproto.mapping import map_message
from ingestion.sources.mtproto.reader import FastReader


def replay(raw: bytes) -> list[MessageRecord]:
    """Read the bytes of an `Unparsed`; DataError when they still cannot be read.

    They are either a record as JSON, which was not mapped, or Telegram's whole answer, which
    was not parsed and may hold more than the message in question.
    """
    if raw[:1] == b"{":
        return [map_message(orjson.loads(raw))]
    try:
        answer = read_answer(FastReader(raw).tgread_object())
    except UNREADABLE as error:
        raise DataError(
            "UNREADABLE_ANSWER",
            "This record still cannot be read.",
            "It stays in quarantine until an update of this program knows it.",
        ) from error
    return [map_message(message, names=answer.names) for message in answer.dicts()]
