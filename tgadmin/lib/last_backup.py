"""When the last backup was made: `last-backup.json` in the data directory."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NAME = "last-backup.json"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When it was whole, where it went (`-`: standard output), and its bytes."""

    at: datetime
    file: str
    size: int


def remember(data: Path, *, file: str, size: int) -> None:
    """Write it down; whole or not at all."""
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "file": file, "size": size}
    temporary = data / f".{NAME}.{os.getpid()}.part"
    temporary.write_text(json.dumps(told), encoding="utf-8")
    temporary.chmod(0o600)
    temporary.replace(data / NAME)


def read(data: Path) -> LastBackup | None:
    """The last one; None when there was none, or nobody can tell."""
    try:
        told = json.loads((data / NAME).read_text(encoding="utf-8"))
        found = LastBackup(datetime.fromisoformat(told["at"]), str(told["file"]), int(told["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.at.tzinfo else None
