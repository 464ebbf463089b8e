"""Migrations: none is missing, and each can be undone."""

import json
from collections.abc import Iterator
from typing import Final

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.functions import Lower, Now

from tests.project import large_tables
from tgadmin.lib import telling
from tgadmin.lib.migrating import BuildIndex, BuildIndexSQL
from tgadmin.lib.told import NOTHING, Told, tell

OURS = {"workspaces", "ingestion", "archive"}


def test_the_models_have_no_change_without_a_migration(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_migration_goes_back_and_forth() -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    assert {app for app, _ in executor.loader.applied_migrations} >= OURS
    tables = set(connection.introspection.table_names())
    try:
        executor.migrate([(app, None) for app in sorted(OURS)])
        left = set(connection.introspection.table_names())
        assert not {name for name in left if name.split("_")[0] in OURS}
    finally:
        MigrationExecutor(connection).migrate(newest)
    assert set(connection.introspection.table_names()) == tables


def test_text_becomes_a_sentence_and_sentences_text_again(db: None) -> None:
    told = tell("A line could not be read: %(kind)s.", "It is kept.", kind="KeyError").as_json()
    (change,) = telling.from_text("kept", table="kept", column="error").database_operations
    assert isinstance(change, operations.RunSQL)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept (error text NOT NULL)")
        cursor.execute("INSERT INTO kept VALUES (''), ('KeyError: date')")
        cursor.execute(str(change.sql))
        cursor.execute("INSERT INTO kept VALUES (%s::jsonb)", [json.dumps(told)])
        cursor.execute("SELECT error FROM kept")
        kept = [Told.from_json(json.loads(row[0])) for row in cursor.fetchall()]
        assert kept == [NOTHING, tell("KeyError: date"), Told.from_json(told)]
        cursor.execute(str(change.reverse_sql))
        cursor.execute("SELECT error FROM kept")
        assert [row[0] for row in cursor.fetchall()] == [
            "",
            "KeyError: date",
            "A line could not be read: KeyError. It is kept.",
        ]


#: What is safe on a large table, although of its kind not everything is: migration, and how the
#: step begins.
SAFE: Final = {
    "ingestion.0005_search": {
        "ALTER TABLE ingestion_message ALTER COLUMN tsv DROP EXPRESSION": (
            "the values stay as they are; only the catalogue changes"
        ),
        "CREATE TRIGGER search_vector_of_": "it is for rows to come; none that is there is read",
    },
}


def _ours() -> Iterator[tuple[str, Migration]]:
    """Those behind a release's initial ones: they meet tables with rows."""
    loader = MigrationLoader(None)
    for (app, name), migration in loader.disk_migrations.items():
        if app in OURS and not migration.initial:
            yield f"{app}.{name}", migration


def test_migrations_do_to_large_tables_what_keeps_nobody_waiting() -> None:
    wrong = {
        name: found
        for name, migration in _ours()
        if (found := list(large_tables.faults(migration, SAFE.get(name, {}))))
    }
    assert wrong == {}, "CONTRIBUTING.md, “A change of a large table”"


def test_every_step_that_is_called_safe_is_there() -> None:
    migrations = dict(_ours())
    for name, reasons in SAFE.items():
        without = {step for step, _ in large_tables.faults(migrations[name], {})}
        for named in reasons:
            assert any(step.startswith(named) for step in without), f"{name}: {named}"


_INDEX: Final = models.Index(fields=["date"], name="made_up")
_UNSAFE: Final[dict[str, Operation]] = {
    "an index while writers wait": operations.AddIndex("message", _INDEX),
    "an index in a transaction": BuildIndex("message", _INDEX),
    "one without words of Django's in a transaction": BuildIndexSQL(
        name="made_up", table="ingestion_sender", definition="ON ingestion_sender (name)"
    ),
    "a column that is not null": operations.AddField(
        "message", "more", models.TextField(default="")
    ),
    "one with a default that is worked out for each row": operations.AddField(
        "medium", "more", models.DateTimeField(db_default=Now())
    ),
    "one with an index of its own": operations.AddField(
        "medium", "more", models.TextField(null=True, db_index=True)
    ),
    "one that is generated": operations.AddField(
        "messagestats",
        "more",
        models.GeneratedField(
            expression=Lower("content_hash"), output_field=models.IntegerField(), db_persist=True
        ),
    ),
    "a reference": operations.AddField(
        "sender",
        "more",
        models.ForeignKey("ingestion.Channel", models.CASCADE, null=True, db_index=False),
    ),
    "another type": operations.AlterField("messageraw", "source", models.TextField(null=True)),
    "a constraint": operations.AddConstraint(
        "countersnapshot", models.CheckConstraint(condition=models.Q(views__gte=0), name="made_up")
    ),
    "a table that goes": operations.DeleteModel("MessageRevision"),
    "rows that are changed": operations.RunSQL("UPDATE ingestion_message SET text = ''"),
    "SQL that keeps a writer waiting": operations.RunSQL(
        'ALTER TABLE "ingestion_sender" ALTER COLUMN name TYPE varchar(80)'
    ),
    "SQL beside what is safe": operations.RunSQL(
        ["ALTER TABLE ingestion_medium SET (fillfactor = 90); VACUUM FULL ingestion_medium"]
    ),
    "what may be anything": operations.RunPython(operations.RunPython.noop),
    "the same, told apart from its state": operations.SeparateDatabaseAndState(
        [operations.RemoveIndex("message", "msg_search")]
    ),
}


def _made_up(*steps: Operation, atomic: bool = True) -> Migration:
    given = {"operations": steps, "atomic": atomic}
    migration: Migration = type("Migration", (Migration,), given)("0099_made_up", "ingestion")
    return migration


@pytest.mark.parametrize("what", list(_UNSAFE))
def test_what_would_keep_a_writer_of_a_large_table_waiting_is_refused(what: str) -> None:
    assert list(large_tables.faults(_made_up(_UNSAFE[what]), {}))


def test_what_keeps_nobody_waiting_is_let_through() -> None:
    made_up = _made_up(
        BuildIndex("message", _INDEX),
        operations.AddField("message", "more", models.TextField(null=True)),
        operations.AddField("medium", "more", models.BooleanField(db_default=False)),
        operations.AddField("account", "more", models.TextField(default="", db_index=True)),
        operations.RunSQL("UPDATE ingestion_account SET label = ''"),
        atomic=False,
    )
    assert list(large_tables.faults(made_up, {})) == []
