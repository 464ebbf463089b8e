"""The one connection an account may have: a row with a token. And who stands in line for it."""

import logging
from enum import IntEnum
from typing import Final
from uuid import UUID, uuid4

from django.db import connection

from tgadmin.lib import processes
from tgadmin.lib.leases import TERM

logger = logging.getLogger(__name__)


class Priority(IntEnum):
    """Who goes first when several want one account: the lowest number."""

    PERSON = 0
    UPDATE = 1
    REFRESH = 2
    BACKFILL = 3
    MEDIA = 4
    LISTENER = 5


#: Seconds for which a claim counts after its last renewal.
CLAIM_TERM: Final = 3.0
#: Seconds after which a claim goes before everybody but a person: days of backfill must not keep
#: a listener away for days.
PATIENCE: Final = 30.0

#: Free, expired, or never held: the conditional update decides the race between two workers. And
#: nobody passes who stands before them: of two claims the better one gets it, or the older.
ACQUIRE: Final = """
INSERT INTO ingestion_accountlease AS lease (account_id, token, holder, priority, expires_at)
SELECT %(account)s, %(token)s, %(holder)s, %(priority)s,
       clock_timestamp() + %(term)s * interval '1 s'
WHERE NOT EXISTS (
    SELECT FROM ingestion_accountclaim other
    LEFT JOIN ingestion_accountclaim own ON own.id = %(claim)s
    WHERE other.account_id = %(account)s AND other.id IS DISTINCT FROM own.id
      AND other.expires_at > clock_timestamp()
      AND (
          CASE WHEN other.priority > 0
                AND other.since < clock_timestamp() - %(patience)s * interval '1 s'
               THEN 0.5 ELSE other.priority END,
          other.since
      ) < (
          CASE WHEN %(priority)s > 0
                AND own.since < clock_timestamp() - %(patience)s * interval '1 s'
               THEN 0.5 ELSE %(priority)s END,
          coalesce(own.since, clock_timestamp())
      )
)
ON CONFLICT (account_id) DO UPDATE
SET token = excluded.token, holder = excluded.holder, priority = excluded.priority,
    expires_at = excluded.expires_at
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

#: What the account is held for; no row: nobody holds it.
HELD_FOR: Final = """
SELECT priority FROM ingestion_accountlease
WHERE account_id = %(account)s AND token IS NOT NULL AND expires_at > clock_timestamp()
"""

CLAIM: Final = """
INSERT INTO ingestion_accountclaim AS claim
    (id, account_id, priority, holder, since, expires_at)
SELECT %(claim)s, account.id, %(priority)s, %(holder)s, clock_timestamp(),
       clock_timestamp() + %(term)s * interval '1 s'
FROM ingestion_account account WHERE account.id = %(account)s
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
"""

WITHDRAW: Final = """
DELETE FROM ingestion_accountclaim
WHERE id = %(claim)s OR expires_at < clock_timestamp() - interval '1 min'
"""

#: Calls that wait for an answer, and somebody who goes before a holder of this priority.
WAITING: Final = """
SELECT EXISTS (
           SELECT FROM ingestion_accountcall
           WHERE account_id = %(account)s AND state = 'pending'
       ),
       EXISTS (
           SELECT FROM ingestion_accountclaim claim
           WHERE claim.account_id = %(account)s AND claim.expires_at > clock_timestamp()
             AND (claim.priority < %(priority)s
                  OR claim.since < clock_timestamp() - %(patience)s * interval '1 s')
       )
"""

#: Who holds a channel and has sent nothing for too long, in the middle of a COPY too, of which no
#: limit of PostgreSQL knows: a machine that froze, or lost its network. Its transaction ends.
END_FROZEN: Final = """
SELECT count(pg_terminate_backend(activity.pid))
FROM pg_stat_activity activity
WHERE activity.datname = current_database() AND activity.usename = current_user
  AND activity.wait_event = 'ClientRead'
  AND activity.state_change < clock_timestamp() - %(seconds)s * interval '1 s'
  AND EXISTS (
      SELECT FROM pg_locks held
      WHERE held.pid = activity.pid AND held.locktype = 'advisory' AND held.granted
        AND held.classid = %(lock)s
  )
"""
#: The first number of a channel's lock (`sql.LOCK_CHANNEL`).
CHANNEL_LOCK: Final = 1952935781
#: Seconds after which a holder of such a lock stands still: nothing that a batch does takes so long
#: between two of its packets.
FROZEN: Final = 120


def acquire(
    account_id: int, priority: Priority = Priority.PERSON, claim: UUID | None = None
) -> UUID | None:
    """A token, or None while somebody else holds the account or goes first. `claim` is one's own
    place in the line, when there is one.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ACQUIRE,
            {
                "account": account_id,
                "token": uuid4(),
                "holder": processes.own_name(),
                "priority": priority,
                "claim": claim,
                "term": TERM,
                "patience": PATIENCE,
            },
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


def held_for(account_id: int) -> Priority | None:
    """What the account is held for now; None: nobody holds it."""
    with connection.cursor() as cursor:
        cursor.execute(HELD_FOR, {"account": account_id})
        row = cursor.fetchone()
    return Priority(row[0]) if row else None


def claim(claim_id: UUID, account_id: int, priority: Priority) -> None:
    """Stand in line for an account, or stay there: it counts for `CLAIM_TERM` seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "claim": claim_id,
                "account": account_id,
                "priority": priority,
                "holder": processes.own_name(),
                "term": CLAIM_TERM,
            },
        )


def withdraw(claim_id: UUID) -> None:
    """Leave the line; claims of the silent go with it."""
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, {"claim": claim_id})


def waiting(account_id: int, priority: Priority) -> tuple[bool, bool]:
    """Whether calls wait for the account, and whether somebody in line goes before `priority`."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"account": account_id, "priority": priority, "patience": PATIENCE})
        calls, better = cursor.fetchone()
    return bool(calls), bool(better)


def end_frozen(seconds: float = FROZEN) -> int:
    """End transactions that hold a channel and have sent nothing for so long; how many. Whoever
    comes back finds its connection closed, and that nothing of its batch was written.
    """
    with connection.cursor() as cursor:
        cursor.execute(END_FROZEN, {"seconds": seconds, "lock": CHANNEL_LOCK})
        ended = int(cursor.fetchone()[0])
    if ended:
        logger.warning("%s transactions that stood still with a channel were ended", ended)
    return ended


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
