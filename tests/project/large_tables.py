"""What a migration may do to a table that is large and in use, without anybody who waits."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.migrations import Migration
from django.db.migrations.operations import (
    AddField,
    CreateModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED, GeneratedField, Value

from ingestion.backfills.operations import StartBackfill
from tgadmin.lib.migrating import BuildIndex, BuildIndexSQL, DropIndex
from tgadmin.management.generate.sizes import BY_MESSAGE

#: Those with rows by message, or nearly.
LARGE: Final = (*BY_MESSAGE, "ingestion_sender")

_BODY: Final = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
#: Statements that only change what PostgreSQL knows of a table, and wait for no reader or writer for
#: longer than one statement of theirs (https://www.postgresql.org/docs/current/sql-altertable.html).
_SAFE: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"ALTER TABLE (ONLY )?\w+ (SET|RESET) \([^()]*\)$",
        r"COMMENT ON ",
        r"CREATE (OR REPLACE )?FUNCTION ",
        r"DROP FUNCTION ",
    )
)


def faults(migration: Migration, reasons: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What of it is not known to be safe, and why. `reasons` name what is, all the same: by how it
    begins.
    """
    for operation in migration.operations:
        for step, fault in _looked_at(migration, operation):
            if not any(step.startswith(named) for named in reasons):
                yield step, fault


def _looked_at(migration: Migration, operation: Operation) -> Iterator[tuple[str, str]]:
    """Each step of an operation that is at fault, in words."""
    if isinstance(operation, SeparateDatabaseAndState):
        for one in operation.database_operations:
            yield from _looked_at(migration, one)
    elif isinstance(operation, RunSQL):
        yield from ((step, "may wait, or keep others waiting") for step in _unsafe(operation.sql))
    elif isinstance(operation, RunPython):
        if not isinstance(operation, StartBackfill):
            yield operation.describe(), "may do anything: StartBackfill goes through rows"
    elif _table(migration, operation) in LARGE:
        fault = _fault(migration, operation)
        if fault:
            yield operation.describe(), fault


def _table(migration: Migration, operation: Any) -> str:
    """Which it changes; of what makes a table, none."""
    if isinstance(operation, BuildIndexSQL):
        return operation.table
    if isinstance(operation, CreateModel):
        return ""
    model = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    return f"{migration.app_label}_{model}".lower()


def _fault(migration: Migration, operation: Operation) -> str:
    if isinstance(operation, BuildIndex | BuildIndexSQL | DropIndex):
        return "" if not migration.atomic else "needs atomic = False"
    if isinstance(operation, AddField):
        return _fault_of_column(operation.field)
    return "is no BuildIndex, DropIndex or AddField"


def _fault_of_column(field: Any) -> str:
    if isinstance(field, GeneratedField):
        return "a generated column rewrites the table"
    if field.remote_field or field.unique or field.db_index:
        return "its index or constraint is made while writers wait"
    given = field.db_default
    if given is NOT_PROVIDED:
        return "" if field.null else "is not null, and its default is not kept: db_default"
    is_constant = isinstance(given, Value) or not hasattr(given, "resolve_expression")
    return "" if is_constant else "its default is no constant, so that the table is rewritten"


def _unsafe(sql: Any) -> Iterator[str]:
    for statement in _statements(sql):
        is_about = any(re.search(rf"\b{table}\b", statement) for table in LARGE)
        if is_about and not any(safe.match(statement) for safe in _SAFE):
            yield statement


def _statements(sql: Any) -> Iterator[str]:
    """One by one, in one line each, without the bodies of functions."""
    parts: Iterable[Any] = [sql] if isinstance(sql, str) else sql
    for part in parts:
        text = part if isinstance(part, str) else part[0]
        for statement in _BODY.sub("$$", text).split(";"):
            if told := " ".join(statement.replace('"', "").split()):
                yield told
