"""Where the servers of a data directory keep their files.

Everything follows from the data directory's path, so a command finds running servers without
asking anyone.
"""

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path
from urllib.parse import quote

from tgadmin.embedded.errors import ServerError

POSTGRES_PORT = 5432
"""Only the number in the socket's name: no TCP port is opened."""
_LONGEST = 104
"""sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, the last one zero."""
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


def socket_directory(data: Path) -> Path:
    """Return the folder of the Unix sockets of a data directory.

    It is `run` inside, or, when that path is too long for a socket or would need quoting in a
    URL, a folder in /tmp named after the user and the path. Not $TMPDIR: two shells of one user
    may differ in it and would not find each other's servers.
    """
    inside = data / "run"
    longest = inside / f".s.PGSQL.{POSTGRES_PORT}.lock"
    if len(os.fsencode(longest)) < _LONGEST and _PLAIN.fullmatch(str(inside)):
        return inside
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path("/tmp") / f"tgadmin-{os.geteuid()}-{name}"  # noqa: S108 - its owner and mode are checked


def prepare_socket_directory(path: Path) -> None:
    """Make the folder, for this user alone; refuse one that somebody else put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or (os.geteuid() != 0 and found.st_uid != os.geteuid()):
        raise ServerError(
            f"{path} belongs to somebody else, and the servers' sockets must not lie there. "
            "Remove it, or choose another data directory with --data."
        )
    path.chmod(0o700)


def remove_socket_directory(data: Path) -> None:
    """Remove the folder in /tmp, if it is one and nothing is left in it."""
    folder = socket_directory(data)
    if not folder.is_relative_to(data):
        with contextlib.suppress(OSError):
            folder.rmdir()


def postgres_socket(data: Path) -> Path:
    return socket_directory(data) / f".s.PGSQL.{POSTGRES_PORT}"


def valkey_socket(data: Path) -> Path:
    return socket_directory(data) / "valkey.sock"


def postgres_url(data: Path) -> str:
    return f"postgresql://app@/app?host={quote(str(socket_directory(data)))}"


def valkey_url(data: Path) -> str:
    return f"unix://{quote(str(valkey_socket(data)))}?db=0"
