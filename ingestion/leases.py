"""The one connection an account may have: a row with a token."""

import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from django.db import connection

from tgadmin.lib.leases import TERM

#: Free, expired, or never held: the conditional update decides the race between two workers.
ACQUIRE: Final = """
INSERT INTO ingestion_accountlease AS lease (account_id, token, holder, expires_at)
VALUES (%(account)s, %(token)s, %(holder)s, clock_timestamp() + %(term)s * interval '1 s')
ON CONFLICT (account_id) DO UPDATE
SET token = excluded.token, holder = excluded.holder, expires_at = excluded.expires_at
WHERE lease.token IS NULL OR lease.expires_at < clock_timestamp()
RETURNING token
"""

RENEW: Final = """
UPDATE ingestion_accountlease SET expires_at = clock_timestamp() + %(term)s * interval '1 s'
WHERE account_id = %(account)s AND token = %(token)s
"""

RELEASE: Final = """
UPDATE ingestion_accountlease SET token = NULL, holder = '', expires_at = NULL
WHERE account_id = %(account)s AND token = %(token)s
"""

HELD_BY_MACHINE: Final = """
SELECT account_id, token, holder FROM ingestion_accountlease
WHERE token IS NOT NULL AND starts_with(holder, %(machine)s)
"""


@cache
def machine() -> str:
    """This machine as process ids count in it: name, boot, and namespace of process ids.

    Two machines may have one name; a process id means something only where all three agree.
    """
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return "/".join(parts)


def holder_name() -> str:
    """Who we are: machine and process."""
    return f"{machine()}:{os.getpid()}"


def acquire(account_id: int) -> UUID | None:
    """A token, or None while somebody else holds the account."""
    with connection.cursor() as cursor:
        cursor.execute(
            ACQUIRE,
            {"account": account_id, "token": uuid4(), "holder": holder_name(), "term": TERM},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def renew(account_id: int, token: UUID) -> bool:
    """Whether the lease is still ours."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW, {"account": account_id, "token": token, "term": TERM})
        return bool(cursor.rowcount == 1)


def release(account_id: int, token: UUID) -> None:
    """Give it back; nothing happens when it is no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"account": account_id, "token": token})


def release_of_the_dead() -> int:
    """Free what processes of this machine held that are dead: their connections are closed for
    certain, so nobody has to wait until the lease ends. Returns how many there were.
    """
    if machine().count("/") < 2:
        return 0  # not Linux: a name alone does not tell machines apart
    freed = 0
    with connection.cursor() as cursor:
        cursor.execute(HELD_BY_MACHINE, {"machine": machine() + ":"})
        held = cursor.fetchall()
    for account_id, token, holder in held:
        if not _is_alive(holder.rpartition(":")[2]):
            release(account_id, token)
            freed += 1
    return freed


def _is_alive(pid: str) -> bool:
    """Whether the process is there and no zombie (proc(5): the state follows the name)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
