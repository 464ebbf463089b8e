"""The columns of exports, told once: from this come the JSON Schema of JSON Lines, the data
dictionary that people read, and the types of Parquet and of spreadsheets.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Of what the fields mean. A field that is added leaves it as it is; one that changes or goes
#: raises it.
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Field:
    """`type`: `integer`, `count`, `time`, `text`, `texts` (a list) or `json`. `shape` is its JSON
    Schema, where that says more than the type; `null`: whether it can be null.
    """

    name: str
    type: str
    about: str | Promise
    null: bool = False
    shape: dict[str, Any] | None = None


_OBJECT: Final[dict[str, Any]] = {"type": "object"}
_OBJECTS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "object"}}
_COUNTS: Final[dict[str, Any]] = {"type": "object", "additionalProperties": {"type": "integer"}}
_ENTITIES: Final[dict[str, Any]] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "offset": {"type": "integer"},
            "length": {"type": "integer"},
        },
        "required": ["type", "offset", "length"],
    },
}

FIELDS: Final = (
    Field("channel_id", "integer", _("Number of the channel in this installation.")),
    Field("peer_id", "integer", _("Telegram's id of the channel, in the form -100….")),
    Field("message_id", "integer", _("Telegram's id of the message within its channel.")),
    Field("date", "time", _("When it was posted.")),
    Field("edit_date", "time", _("When it was last edited; empty when never."), null=True),
    Field(
        "deleted_at",
        "time",
        _("When it was found to be gone from Telegram; empty when it is still there."),
        null=True,
    ),
    Field("first_seen_at", "time", _("When it was archived.")),
    Field(
        "sender_id",
        "text",
        _("Telegram's id of the sender; empty where the channel itself posts."),
    ),
    Field("author", "text", _("Signature of the post, or the sender's name.")),
    Field("kind", "text", _("What it is: text, photo, video, voice, document, poll, service …")),
    Field("text", "text", _("What it says, as plain text.")),
    Field(
        "entities",
        "json",
        _("Formatting of the text; offsets in UTF-16 units, as Telegram counts."),
        shape=_ENTITIES,
    ),
    Field(
        "media",
        "json",
        _("Identity and description of what it carries."),
        null=True,
        shape=_OBJECT,
    ),
    Field("reply_to", "json", _("What it answers."), null=True, shape=_OBJECT),
    Field("forward", "json", _("Where it was forwarded from."), null=True, shape=_OBJECT),
    Field("grouped_id", "integer", _("The album that it belongs to."), null=True),
    Field("topic_id", "integer", _("The forum's topic that it is in."), null=True),
    Field("links", "texts", _("The addresses in it.")),
    Field("hashtags", "texts", _("The hashtags in it, without the sign.")),
    Field("views", "count", _("Views, as last seen."), null=True),
    Field("forwards", "count", _("Forwards, as last seen."), null=True),
    Field("replies", "count", _("Replies, as last seen."), null=True),
    Field(
        "reactions",
        "json",
        _("How often each reaction was given, as last seen; custom emoji as custom:<id>."),
        null=True,
        shape=_COUNTS,
    ),
    Field(
        "attached",
        "json",
        _("What hangs on it and changes by itself: poll results, a link's preview, buttons …"),
        null=True,
        shape=_OBJECT,
    ),
    Field(
        "revisions",
        "json",
        _("Its earlier versions, oldest first; in tables, how many there are."),
        shape=_OBJECTS,
    ),
    Field(
        "raw",
        "json",
        _(
            "The source's own record, whole: Telegram's where there is one, else another source's "
            "(an imported export, the web preview)."
        ),
        null=True,
    ),
)
BY_NAME: Final = {field.name: field for field in FIELDS}

_SHAPES: Final[dict[str, dict[str, Any]]] = {
    "integer": {"type": "integer"},
    "count": {"type": "integer", "minimum": 0},
    "time": {"type": "string", "format": "date-time"},
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "json": {},
}
#: Where JSON has anything at all, its schema says so by saying nothing.
_ANYTHING: Final[dict[str, Any]] = {}


def json_schema() -> dict[str, Any]:
    """Of a line of JSON Lines, when no column was left out but `message_id` alone is certain
    (https://json-schema.org/draft/2020-12).
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tgadmin:message:{VERSION}",
        "title": "A message of a Telegram channel, as tgadmin exports it",
        "type": "object",
        "properties": {field.name: _schema_of(field) for field in FIELDS},
        "required": ["message_id"],
        "additionalProperties": False,
    }


def _schema_of(field: Field) -> dict[str, Any]:
    shape = field.shape or _SHAPES[field.type]
    if shape == _ANYTHING:
        return {"description": str(field.about)}
    told = {**shape, "description": str(field.about)}
    return {**told, "type": [shape["type"], "null"]} if field.null else told
