"""The one connection an account may have: a row with a token."""

import os
import socket
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

#: By a parent that has seen its child die: the connection is closed for certain.
RELEASE_HOLDER: Final = """
UPDATE ingestion_accountlease SET token = NULL, holder = '', expires_at = NULL
WHERE holder = %(holder)s
"""


def holder_name(pid: int | None = None) -> str:
    """Who we are: host and process."""
    return f"{socket.gethostname()}:{pid or os.getpid()}"


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


def release_of_dead(pid: int) -> int:
    """Free what a process of this host held that is known to be dead."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE_HOLDER, {"holder": holder_name(pid)})
        return int(cursor.rowcount)
