"""When the last backup was made: `last-backup.json` in the data directory."""

from datetime import UTC, datetime
from pathlib import Path

import orjson

from archive.exports import FileSink

NAME = "last-backup.json"


def remember(data: Path, *, file: str, size: int) -> None:
    """Write `{"at": …, "file": …, "size": bytes}`; whole or not at all."""
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "file": file, "size": size}
    target = data / NAME
    with FileSink(target, temporary=target.with_name(f".{NAME}.part")) as sink:
        sink.write(orjson.dumps(told))
        sink.seal()
        sink.publish()
