"""What PostgreSQL answers at once, however much there is."""

import json
from typing import Any

from django.db import connection


def row_of(statement: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    """The one row of a statement that gives one."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        (row,) = cursor.fetchall()
        return tuple(row)


def guess(statement: str, parameters: dict[str, Any]) -> int:
    """How many rows the planner expects; `statement` is an EXPLAIN in JSON."""
    (plan,) = row_of(statement, parameters)
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return int(plan[0]["Plan"]["Plan Rows"])
