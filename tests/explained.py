"""What PostgreSQL does for a statement, and what of it grows with the archive."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

#: The tables that have a row a message, or nearly.
LARGE: Final = (
    "ingestion_message",
    "ingestion_messagestats",
    "ingestion_messageraw",
    "ingestion_messagerevision",
    "ingestion_medium",
    "ingestion_sender",
)
_OFFSET: Final = re.compile(r"\bOFFSET\s+(?!%\(window\)s)\S+")


class Statements:
    """What is asked of PostgreSQL, and how it is answered: for `connection.execute_wrapper`."""

    def __init__(self) -> None:
        self.found: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH", "(SELECT")):
            explain = "EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON)"
            execute(f"{explain} {sql}", params, many, context)
            (told,) = context["cursor"].fetchone()
            self.found.append((sql, told[0]["Plan"]))
        return execute(sql, params, many, context)

    def faults(self, *, rows: int) -> Iterator[str]:
        """What reads a table from one end to the other, more than so many rows of it, or passes over
        some to get to its own; the end of a window is a constant number of them away.
        """
        for sql, plan in self.found:
            for fault in (*_reads(plan, rows), *_OFFSET.findall(sql)):
                yield f"{fault}: {sql}\n{json.dumps(plan, indent=1)}"


def _reads(node: dict[str, Any], most: int) -> Iterator[str]:
    table = node.get("Relation Name")
    if table in LARGE:
        if node["Node Type"] == "Seq Scan":
            yield f"all of {table} ({node.get('Filter')})"
        told = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        read = sum(node.get(name, 0) for name in told) * node["Actual Loops"]
        if read > most:
            yield f"{read} rows of {table} ({node.get('Index Name')}, {node.get('Filter')})"
    for below in node.get("Plans", ()):
        yield from _reads(below, most)
