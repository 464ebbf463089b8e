"""Positions in the log of the database (LSN), which tell what a replica has.

https://www.postgresql.org/docs/current/datatype-pg-lsn.html
"""

import re
from typing import Final

from django.db import connections

#: Of a server that is no replica: it has everything.
EVERYTHING: Final = 2**64

#: Behind everything that was committed, written to the disk or not.
INSERTED: Final = "SELECT pg_current_wal_insert_lsn()::text"
#: What a replica may have by now.
WRITTEN: Final = "SELECT pg_current_wal_lsn()::text"
REPLAYED: Final = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END"

_FORM: Final = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")


def parsed(text: str) -> int | None:
    """`16/B374D848` as a number; None for what is no position."""
    found = _FORM.fullmatch(text)
    return (int(found[1], 16) << 32) + int(found[2], 16) if found else None


def inserted() -> str:
    """Where the database stands, as text: whoever has this has all that was committed before."""
    return _ask("default", INSERTED) or ""


def written() -> int:
    """Where the database stands."""
    return parsed(_ask("default", WRITTEN) or "") or 0


def replayed() -> int:
    """How far the replica is. A server that was promoted has everything."""
    answer = _ask("replica", REPLAYED)
    return EVERYTHING if answer is None else parsed(answer) or 0


def _ask(alias: str, statement: str) -> str | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement)
        (answer,) = cursor.fetchone()
        return answer if answer is None else str(answer)
