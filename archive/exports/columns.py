"""The columns of exports, as SQL: a fixed set, from which a person chooses."""

from collections.abc import Iterable
from typing import Final, LiteralString

from psycopg.sql import SQL, Composed

#: A moment, with the T and the full offset that ISO 8601 asks for.
_UTC_TIME: Final[LiteralString] = "replace(message.{field}::text, ' ', 'T') || ':00'"
#: PostgreSQL writes +03, but +05:30.
_ZONE_TIME: Final[LiteralString] = """replace(message.{field}::text, ' ', 'T')
            || CASE WHEN right(message.{field}::text, 3) LIKE ':__' THEN '' ELSE ':00' END"""

_TIMES: Final = ("date", "edit_date", "deleted_at", "first_seen_at")

#: A cell that a spreadsheet would read as a formula gets an apostrophe in front: one that begins with
#: = + - @, a tab, a line feed or a carriage return, or the first four in full width
#: (https://owasp.org/www-community/attacks/CSV_Injection); and one that begins with apostrophes before
#: such a sign, so that whoever takes one away from all of these has what was written. By the first
#: character (39 is the apostrophe) most texts are done with before the pattern is tried.
_RISKY: Final[LiteralString] = r"""ascii({cell}) IN (
                39, 61, 43, 45, 64, 9, 10, 13, 65309, 65291, 65293, 65312
            ) AND {cell} ~ '^''*[-=+@\t\n\r＝＋－＠]'"""


def _defused(cell: LiteralString, besides: LiteralString = "") -> LiteralString:
    risky = _RISKY.replace("{cell}", cell)
    return "CASE WHEN " + risky + besides + " THEN '''' || " + cell + " ELSE " + cell + " END"


#: Column → what stands in CSV. Sender ids are numbers, and stay so; JSON begins with a bracket.
_CSV: Final[dict[str, LiteralString]] = {
    "channel_id": "message.channel_id",
    "peer_id": "%(peer)s::bigint",
    "message_id": "message.message_id",
    **dict.fromkeys(_TIMES, ""),  # by the time zone
    "sender_id": _defused("message.sender_id", " AND message.sender_id !~ '^-[0-9]+$'"),
    "author": _defused("message.author"),
    "kind": "message.kind",
    "text": _defused("message.text"),
    "views": "stats.views",
    "forwards": "stats.forwards",
    "replies": "stats.replies",
    "reactions": "stats.reactions",
    "attached": "stats.attached",
    "media": "message.media_meta",
    "reply_to": "message.reply_to",
    "forward": "message.forward",
    "grouped_id": "message.grouped_id",
    "topic_id": "message.topic_id",
    "links": _defused("array_to_string(message.links, ' ')"),
    "hashtags": _defused("array_to_string(message.hashtags, ' ')"),
    "revisions": "coalesce(revision.count, 0)",
}

#: Column → the member of a JSON object.
_JSONL: Final[dict[str, LiteralString]] = {
    "channel_id": "message.channel_id",
    "peer_id": "%(peer)s::bigint",
    "message_id": "message.message_id",
    **dict.fromkeys(_TIMES, ""),
    "sender_id": "message.sender_id",
    "author": "message.author",
    "kind": "message.kind",
    "text": "message.text",
    "entities": "message.entities",
    "media": "message.media_meta",
    "reply_to": "message.reply_to",
    "forward": "message.forward",
    "grouped_id": "message.grouped_id",
    "topic_id": "message.topic_id",
    "links": "message.links",
    "hashtags": "message.hashtags",
    "views": "stats.views",
    "forwards": "stats.forwards",
    "replies": "stats.replies",
    "reactions": "stats.reactions",
    "attached": "stats.attached",
    "revisions": "coalesce(revision.list, '[]')",
    "raw": """coalesce(
                raw.raw,
                (SELECT other.raw FROM ingestion_messageraw other
                 WHERE other.channel_id = message.channel_id
                   AND other.message_id = message.message_id
                 ORDER BY other.source LIMIT 1)
            )""",
}

#: Column → what stands in the CSV that Arrow reads: moments in UTC without an offset, lists with a
#: separator that no text has, no apostrophes.
_TYPED: Final[dict[str, LiteralString]] = {
    **_JSONL,
    **dict.fromkeys(_TIMES, ""),
    "links": r"array_to_string({row}.links, e'\x1f')",
    "hashtags": r"array_to_string({row}.hashtags, e'\x1f')",
    "revisions": "coalesce(revision.count, 0)",
}
_TYPED_TIME: Final[LiteralString] = "message.{field} AT TIME ZONE 'UTC'"

#: The columns of each format, in their order.
CSV_COLUMNS: Final = tuple(_CSV)
JSONL_COLUMNS: Final = tuple(_JSONL)
#: Rows are told apart by it, so it is always there.
KEY: Final = "message_id"
#: What says who wrote a message; the raw record does, too, in too many places to take them out.
SENDERS: Final = frozenset({"sender_id", "author", "raw"})

#: The same without people: ids that are no channel's or group's (they do not begin with a minus),
#: names, signatures. `{{row}}` is a message or an earlier version of one.
_FORWARD_BARE: Final[LiteralString] = """{row}.forward
            - ARRAY['from_name', 'post_author', 'saved_from_peer', 'saved_from_msg_id',
                    'saved_from_id', 'saved_from_name', 'saved_date']
            - CASE WHEN left({row}.forward->>'from_id', 1) = '-' THEN '' ELSE 'from_id' END"""
_REPLY_BARE: Final[LiteralString] = """{row}.reply_to - ARRAY['from', 'quote_entities']
            - CASE WHEN left({row}.reply_to->>'peer_id', 1) = '-' THEN '' ELSE 'peer_id' END"""
#: What a medium is, and nobody's contact, winners or members: what is not known here is left out.
_MEDIA_BARE: Final[LiteralString] = """(
                SELECT jsonb_object_agg(item.key, item.value)
                FROM jsonb_each({row}.media_meta) item
                WHERE item.key IN (
                    'type', 'id', 'width', 'height', 'size', 'thumb', 'video_id', 'spoiler',
                    'ttl_seconds', 'mime', 'duration', 'file_name', 'title', 'performer', 'emoji',
                    'sticker_set_id', 'url', 'question', 'answers', 'multiple_choice',
                    'public_voters', 'lat', 'long', 'period', 'address', 'provider', 'venue_id',
                    'venue_type', 'value', 'short_name', 'description', 'total_amount',
                    'currency', 'quantity', 'until', 'months', 'stars', 'prize', 'action',
                    'items', 'story_id', 'tl', 'winners_count', 'unclaimed_count', 'waveform',
                    'mask', 'accuracy', 'heading', 'proximity_notification_radius', 'countries',
                    'only_new_subscribers', 'winners_are_visible', 'refunded', 'more_channels',
                    'via_mention', 'close_period', 'close_date', 'open_answers',
                    'revoting_disabled', 'shuffle_answers', 'hide_results_until_close',
                    'subscribers_only', 'test', 'shipping_address_requested',
                    'others_can_append', 'others_can_complete', 'schedule_date', 'boosts',
                    'score', 'price', 'days', 'closed', 'hidden', 'icon_color'
                )
            )"""
_ENTITIES_BARE: Final[LiteralString] = """coalesce((
                SELECT jsonb_agg(item.value ORDER BY item.ordinality)
                FROM jsonb_array_elements({row}.entities) WITH ORDINALITY item
                WHERE item.value->>'type' <> 'mention_name'
              AND coalesce(item.value->>'url', '') !~* '^tg://user'
            ), '[]')"""
#: An address that names a person by their id (https://core.telegram.org/api/links#user-links).
_LINKS_BARE: Final[LiteralString] = """ARRAY(
                SELECT item.link FROM unnest({row}.links) WITH ORDINALITY item (link, place)
                WHERE item.link !~* '^tg://user' ORDER BY item.place
            )"""
#: Votes, previews and the like, without bots, buttons, and whoever ticked or wrote something.
_ATTACHED_BARE: Final[LiteralString] = """stats.attached
            - ARRAY['via_bot', 'buttons', 'todo', 'restricted', 'story']
            #- '{{preview,author}}' #- '{{poll,added}}'"""
_BARE: Final[dict[str, LiteralString]] = {
    "attached": _ATTACHED_BARE,
    "forward": _FORWARD_BARE,
    "reply_to": _REPLY_BARE,
    "media": _MEDIA_BARE,
    "entities": _ENTITIES_BARE,
    "links": _LINKS_BARE,
}
_CSV_BARE: Final[dict[str, LiteralString]] = {
    **_BARE,
    "links": """(
                SELECT {cell} FROM (
                    SELECT coalesce(string_agg(item.link, ' ' ORDER BY item.place), '') AS links
                    FROM unnest({row}.links) WITH ORDINALITY item (link, place)
                    WHERE item.link !~* '^tg://user'
                ) bare
            )""".replace("{cell}", _defused("bare.links")),
}

_TYPED_BARE: Final[dict[str, LiteralString]] = {
    **_BARE,
    "links": r"array_to_string(" + _LINKS_BARE + r", e'\x1f')",
}

#: Names as SQL: the whitelist, and the only way from a person's choice into a statement.
_FIELDS: Final[dict[str, LiteralString]] = {
    name: name
    for name in (
        "channel_id", "peer_id", "message_id", "date", "edit_date", "deleted_at", "first_seen_at",
        "sender_id", "author", "kind", "text", "entities", "media", "reply_to", "forward",
        "grouped_id", "topic_id", "links", "hashtags", "views", "forwards", "replies", "reactions",
        "attached", "revisions", "raw",
    )
}  # fmt: skip


def csv(chosen: Iterable[str], *, without_senders: bool, zone: str) -> Composed:
    """What a row of CSV is made of."""
    time = _UTC_TIME if zone == "UTC" else _ZONE_TIME
    return _compose(_CSV, chosen, time, _CSV_BARE if without_senders else {})


def jsonl(chosen: Iterable[str], *, without_senders: bool) -> Composed:
    """What an object is made of; JSON has times as ISO 8601 by itself."""
    return _compose(_JSONL, chosen, "message.{field}", _BARE if without_senders else {})


def typed(chosen: Iterable[str], *, without_senders: bool) -> Composed:
    """What `arrow` reads."""
    return _compose(_TYPED, chosen, _TYPED_TIME, _TYPED_BARE if without_senders else {})


def bare(name: str, row: LiteralString) -> Composed:
    """A column without people, of the table that is called `row`."""
    return SQL(_BARE[name]).format(row=SQL(row))


def _compose(
    known: dict[str, LiteralString],
    chosen: Iterable[str],
    time: LiteralString,
    without: dict[str, LiteralString],
) -> Composed:
    """`expression AS name`, that of `without` first, for names that are known; `KeyError` for others."""
    pieces = []
    for name in chosen:
        if name in without:
            expression: SQL | Composed = SQL(without[name]).format(row=SQL("message"))
        elif name in _TIMES:
            expression = SQL(time).format(field=SQL(_FIELDS[name]))
        else:
            expression = SQL(known[name]).format(row=SQL("message"))
        pieces.append(SQL("{} AS {}").format(expression, SQL(_FIELDS[name])))
    return SQL(",\n            ").join(pieces)
