"""The one connection an account may have: a row with a token."""

from typing import Final
from uuid import UUID, uuid4

from django.db import connection

from tgadmin.lib import processes
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


def acquire(account_id: int) -> UUID | None:
    """A token, or None while somebody else holds the account."""
    with connection.cursor() as cursor:
        cursor.execute(
            ACQUIRE,
            {"account": account_id, "token": uuid4(), "holder": processes.own_name(), "term": TERM},
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
    if not processes.can_tell_the_dead():
        return 0
    freed = 0
    with connection.cursor() as cursor:
        cursor.execute(HELD_BY_MACHINE, {"machine": processes.machine() + ":"})
        held = cursor.fetchall()
    for account_id, token, holder in held:
        if processes.is_known_dead(holder):
            release(account_id, token)
            freed += 1
    return freed
