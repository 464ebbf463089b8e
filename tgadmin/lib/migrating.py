"""Migrations of tables that are large and in use: nothing here locks out a writer.

A migration that uses these says `atomic = False` and does nothing else. It can be run again after
it was interrupted: an index of which a part was built is built anew, one that is whole is kept.
https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from typing import Any, Final

from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    NotInTransactionMixin,
    RemoveIndexConcurrently,
)
from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from psycopg import sql

#: Whether an index is whole; no row where there is none.
IS_VALID: Final = """
SELECT index.indisvalid FROM pg_index index
WHERE index.indexrelid = to_regclass(%(name)s)
"""

#: Whoever builds an index of the table has this lock to the end, also when nobody waits for it any
#: more: the server does not notice that the program which asked was killed.
WAIT: Final = sql.SQL("LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE")

DROP: Final = sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}")


def has_whole_index(schema_editor: BaseDatabaseSchemaEditor, *, table: str, name: str) -> bool:
    """Whether there is a valid index of this name; what is left of an interrupted build is
    dropped. Waits for a build that goes on.
    """
    connection = schema_editor.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(WAIT.format(sql.Identifier(table)))
    with connection.cursor() as cursor:
        cursor.execute(IS_VALID, {"name": schema_editor.quote_name(name)})
        found = cursor.fetchone()
        if found and not found[0]:
            cursor.execute(DROP.format(sql.Identifier(name)))
    return bool(found and found[0])


def _table_of(state: ProjectState, app_label: str, model_name: str) -> str:
    return str(state.apps.get_model(app_label, model_name)._meta.db_table)  # noqa: SLF001, documented


class BuildIndex(AddIndexConcurrently):
    """`AddIndexConcurrently` that can be run again."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        table = _table_of(to_state, app_label, self.model_name)
        if not has_whole_index(schema_editor, table=table, name=self.index.name):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class DropIndex(RemoveIndexConcurrently):
    """`RemoveIndexConcurrently` whose way back can be run again, too."""

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        table = _table_of(to_state, app_label, self.model_name)
        if not has_whole_index(schema_editor, table=table, name=self.name):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class BuildIndexSQL(NotInTransactionMixin, Operation):
    """An index that Django has no words for. `definition` is what follows its name:
    `ON ingestion_message (channel_id, …) WHERE …`.
    """

    reversible = True

    def __init__(self, *, name: str, table: str, definition: str) -> None:
        self.name, self.table, self.definition = name, table, definition

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """No model knows of it."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002, Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002, Django's signature
        to_state: ProjectState,  # noqa: ARG002, Django's signature
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        if not has_whole_index(schema_editor, table=self.table, name=self.name):
            name = schema_editor.quote_name(self.name)
            schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} {self.definition}")

    def database_backwards(
        self,
        app_label: str,  # noqa: ARG002, Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002, Django's signature
        to_state: ProjectState,  # noqa: ARG002, Django's signature
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(DROP.format(sql.Identifier(self.name)))

    def describe(self) -> str:
        return f"Concurrently build index {self.name} on {self.table}"

    def deconstruct(self) -> Any:
        given = {"name": self.name, "table": self.table, "definition": self.definition}
        return (self.__class__.__qualname__, [], given)
