"""pg_dump and pg_restore: those of the embedded server, for any server that they know."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from psycopg import pq

from tgadmin import env
from tgadmin.embedded import ServerError
from tgadmin.embedded.binaries import postgres_bin, postgres_major
from tgadmin.management.backup.manifest import BackupError


def program(name: str) -> Path:
    """The path of `pg_dump` or `pg_restore`; `BackupError` when there is none."""
    try:
        found = postgres_bin() / name
    except ServerError as error:
        found = None
        reason: Exception | None = error
    else:
        reason = None
    if found is None or not found.exists():
        raise BackupError(
            f"There is no {name} here. In Docker, use the one of the database's container (see "
            "docs/operating.md); elsewhere, install PostgreSQL's client programs."
        ) from reason
    return found


def major() -> int:
    """The major version of the programs."""
    return postgres_major(program("pg_dump").parent)


def server_version() -> int:
    """`180006` of a server 18.6."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0])


def check_server() -> None:
    """pg_dump refuses servers that are newer than itself (its manual page says so)."""
    server = server_version() // 10_000
    if server > major():
        raise BackupError(
            f"The server is PostgreSQL {server}, and pg_dump here is {major()}, which cannot read "
            f"it. Use the pg_dump of PostgreSQL {server} by hand, or update tgadmin."
        )


def environment() -> dict[str, str]:
    """Where the server is, for libpq: not on the command line, which others may see."""
    given = connection.get_connection_params()
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    wanted = {
        variable: str(given[keyword])
        for keyword, variable in variables.items()
        if given.get(keyword) not in (None, "")
    }
    return env.child_environment(**wanted | {"PGAPPNAME": "tgadmin backup", "LC_ALL": "C"})


@contextlib.contextmanager
def running(
    command: list[str | Path], *, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one of the programs; `BackupError` with its last words when it fails."""
    with subprocess.Popen(
        command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=environment()
    ) as process:
        try:
            yield process
        except BrokenPipeError:
            pass  # it has ended, and says why
        except BaseException:
            process.kill()
            raise
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        assert process.stderr  # noqa: S101, it is a pipe
        said = process.stderr.read().decode(errors="replace").strip()
        if process.wait():
            name = Path(command[0]).name
            raise BackupError(f"{name} failed: {said.splitlines()[-1] if said else 'no reason'}")
