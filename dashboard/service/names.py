"""How people are called in sentences."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Meta = Mapping[str, Any]
Names = Mapping[str, str]

#: Fields whose values are marked ids of people or channels.
PEERS: Final = (
    "bot_id",
    "boost_peer",
    "from_id",
    "new_creator_id",
    "other_participants",
    "peer",
    "peers",
    "to_id",
    "user_id",
    "users",
)


def isolated(text: str) -> str:
    """A name as a word of its own, whichever way it is written."""
    return f"\u2068{text}\u2069"


def name_of(peer: str, names: Names) -> str:
    """How somebody is called, or their number."""
    return isolated(names.get(peer) or f"#{peer}")


def people_in(meta: Meta) -> Iterator[str]:
    """The marked ids that a sentence names."""
    for field in PEERS:
        value = meta.get(field)
        if value:
            yield from map(str, value if isinstance(value, list) else [value])


def whole(value: object) -> int:
    """A number, or 0 where other programs wrote something else."""
    return value if isinstance(value, int) else 0
