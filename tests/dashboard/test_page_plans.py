"""No page reads a whole table of messages, counts one, or passes over rows to get to its own."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client

from tests.dashboard.screens import QUESTIONS, screens
from tests.dashboard.world import World
from tests.explained import LARGE

#: With a row a message, a file or a sender, or nearly.
TABLES: Final = (*LARGE, "ingestion_storedfile")
COPIES: Final = 300
#: A table that fits into a few blocks is best read whole, and the world has one file.
COPIES_OF: Final = {"ingestion_storedfile": 20_000}

_COLUMNS = """
SELECT quote_ident(column_name) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
  AND column_name <> 'id'
"""
#: Whether there is any row: the first one answers.
_ANY_ROW: Final = re.compile(r'^SELECT \S+ AS "a" FROM "\w+" LIMIT 1$')
#: Facets count what they found among a bounded number (tests/archive/test_plans.py), and a look at
#: what a rule would let go the files that it looked at (tests/archive/test_retention.py).
_BOUNDED: Final = re.compile(r"^\s*WITH (hit|looked) AS MATERIALIZED")
#: What makes a copy another row.
_DIFFERS: Final = {
    "message_id": "message_id + number * 1000",
    "peer_id": "peer_id + number",
    "sha256": "md5(sha256 || number) || md5(number || sha256)",
    "date": "date - number * interval '1 hour'",
}


@pytest.fixture
def large(world: World) -> World:
    """The same with many thousands of rows in the tables that grow with messages."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(_COLUMNS, [table])
            columns = [name for (name,) in cursor.fetchall()]
            values = ", ".join(_DIFFERS.get(name, name) for name in columns)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} "
                f"FROM {table}, generate_series(1, {COPIES_OF.get(table, COPIES)}) AS number"
            )
        cursor.execute("ANALYZE")
    return world


class Statements:
    """What was asked of the large tables, with the plan of each."""

    def __init__(self) -> None:
        self.plans: list[tuple[str, str]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH", "(SELECT")) and any(t in sql for t in TABLES):
            execute(f"EXPLAIN {sql}", params, many, context)
            plan = "\n".join(row[0] for row in context["cursor"].fetchall())
            self.plans.append((sql, plan))
        return execute(sql, params, many, context)

    def faults(self) -> Iterator[str]:
        """What grows with the table."""
        for sql, plan in self.plans:
            if _ANY_ROW.search(sql):
                continue
            for table in TABLES:
                if re.search(rf"Seq Scan on {table}\b", plan):
                    yield f"reads all of {table}: {sql}\n{plan}"
            if re.search(r"\bOFFSET \d", sql):
                yield f"passes over rows: {sql}"
            if re.search(r"\bcount\(", sql, re.IGNORECASE) and not _BOUNDED.search(sql):
                yield f"counts: {sql}\n{plan}"


@pytest.mark.slow
def test_no_page_reads_or_counts_a_whole_table(
    large: World, client_of: Callable[[str], Client]
) -> None:
    found: dict[str, list[str]] = {}
    for screen in (*screens(large, client_of), *QUESTIONS):
        asked = Statements()
        with connection.execute_wrapper(asked):
            b"".join(client_of(screen.role).get(screen.address))
        if faults := list(asked.faults()):
            found[screen.name] = faults
    assert found == {}
