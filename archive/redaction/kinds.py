"""What is looked for, and what is done with it. Knows no Django."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a stretch of text gives away. Where two overlap, the one that stands first here wins."""

    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    IP = "ip"
    PHONE = "phone"
    MENTION = "mention"
    #: Who a message is from or about: names of group members, and their ids.
    NAME = "name"


class Action(StrEnum):
    """What becomes of what was found."""

    KEEP = "keep"
    #: `[phone]`
    REPLACE = "replace"
    #: `[phone:3f9a1c2b]`, the same for the same number wherever it stands.
    PSEUDONYM = "pseudonym"


@dataclass(frozen=True, slots=True)
class Span:
    """`start` up to, not including, `end`, in characters of the text. `value` is what was found as
    it is compared: digits of a number, lower case of an address; of a person their id or name.
    """

    kind: Kind
    start: int
    end: int
    value: str
