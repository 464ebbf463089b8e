"""What a backup says of itself."""

import hashlib
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

import orjson

#: Raised when an older tgadmin could not read a newer file.
FORMAT = 1
NAME = "manifest.json"


class BackupError(Exception):
    """It cannot be saved or restored; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """Size in bytes and SHA-256 (hexadecimal) of a part's content."""

    size: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """`rows`: by table, in the snapshot that was saved. `migrations`: every applied one, as
    `app.name`. `keys`: the fingerprints of the encryption keys, the first of which encrypted.
    """

    created_at: str
    tgadmin: str
    postgresql: str
    pg_dump: int
    migrations: list[str]
    keys: list[str]
    rows: dict[str, int]
    parts: dict[str, Part] = field(default_factory=dict)
    #: Stored files of messages by store: `{"local": {"files": 3, "bytes": 700}}`. They are not in
    #: the backup; the rows of `ingestion.StoredFile` in it name each, with size and SHA-256.
    media: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Finished exports whose files were gone.
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Raises `BackupError` for one that this version does not know."""
        try:
            found: dict[str, Any] = orjson.loads(text)
            if found["format"] > FORMAT:
                raise BackupError(
                    f"This backup was made by a newer tgadmin ({found['tgadmin']}). Restore it "
                    "with that version or a newer one."
                )
            parts = {name: Part(**part) for name, part in found.pop("parts").items()}
            made = cls(parts=parts, **found)
            made._check()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(
                "The manifest of this backup cannot be read: the file is damaged."
            ) from error
        return made

    def _check(self) -> None:
        """Raise `TypeError` where something is not what it should be."""
        texts = [self.created_at, self.tgadmin, self.postgresql]
        lists = [self.migrations, self.keys, self.missing]
        numbers = [self.pg_dump, *self.rows.values(), *(part.size for part in self.parts.values())]
        if not (
            all(isinstance(found, list) for found in lists)
            and all(isinstance(text, str) for text in [*texts, *chain(*lists)])
            and all(type(number) is int for number in numbers)
        ):
            raise TypeError


def fingerprint(key: str) -> str:
    """Tells one encryption key from another without telling anything about it: a key has 256
    random bits, so its hash cannot be guessed back.
    """
    return hashlib.sha256(b"tgadmin encryption key\0" + key.encode()).hexdigest()[:16]
