"""What a profile says of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from archive.redaction.kinds import Action, Kind

#: What "Share outside" does: nobody is named, and one person stays one person.
SHARE_OUTSIDE: Final[dict[str, str]] = {
    Kind.EMAIL: Action.REPLACE,
    Kind.IBAN: Action.REPLACE,
    Kind.CARD: Action.REPLACE,
    Kind.IP: Action.REPLACE,
    Kind.PHONE: Action.REPLACE,
    Kind.MENTION: Action.PSEUDONYM,
    Kind.NAME: Action.PSEUDONYM,
}

_SWITCHES: Final = {"raw", "media"}


@dataclass(frozen=True, slots=True)
class Rules:
    """`raw`: go through raw records, too, instead of leaving them out. `media`: stored files, into
    which nobody looks, go out as well.
    """

    actions: Mapping[Kind, Action] = field(default_factory=dict)
    raw: bool = False
    media: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From a JSON column: `{"phone": "replace", …, "raw": false}`; what is missing is kept."""
        actions = {kind: Action(stored.get(kind.value, Action.KEEP)) for kind in Kind}
        return cls(actions, raw=bool(stored.get("raw")), media=bool(stored.get("media")))

    @classmethod
    def frozen(cls, stored: Mapping[str, Any]) -> Self:
        """The same for what is about to go out: raises `ValueError` where nothing is said of any
        kind, or something that is not known.
        """
        kinds = {kind.value for kind in Kind}
        if not kinds & set(stored) or set(stored) - kinds - _SWITCHES:
            raise ValueError("These are no rules of a redaction.")
        return cls.of(stored)

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {kind.value: self.action(kind).value for kind in Kind}
        return {**told, "raw": self.raw, "media": self.media}

    def action(self, kind: Kind) -> Action:
        return self.actions.get(kind, Action.KEEP)

    @property
    def kinds(self) -> frozenset[Kind]:
        """Those that are looked for."""
        return frozenset(kind for kind in Kind if self.action(kind) is not Action.KEEP)
