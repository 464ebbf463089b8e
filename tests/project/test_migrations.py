"""Migrations: none is missing, and each can be undone."""

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import AddIndex, RemoveIndex, RunSQL

from tgadmin.lib import telling
from tgadmin.lib.migrating import BuildIndex, DropIndex
from tgadmin.lib.told import NOTHING, Told, tell

OURS = {"workspaces", "ingestion", "archive"}


def test_the_models_have_no_change_without_a_migration(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_migration_goes_back_and_forth() -> None:
    executor = MigrationExecutor(connection)
    nodes = [node for node in executor.loader.graph.nodes if node[0] in OURS]
    assert {app for app, _ in nodes} == OURS
    tables = set(connection.introspection.table_names())
    try:
        # One step at a time, newest first: the plan of everything, walked backwards.
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
        for migration, _ in reversed(plan):
            if migration.app_label not in OURS:
                continue
            parents = (name for app, name in migration.dependencies if app == migration.app_label)
            executor.migrate([(migration.app_label, next(parents, None))])
            executor = MigrationExecutor(connection)
        left = set(connection.introspection.table_names())
        assert not {name for name in left if name.split("_")[0] in OURS}
    finally:
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert set(connection.introspection.table_names()) == tables


def test_text_becomes_a_sentence_and_sentences_text_again(db: None) -> None:
    told = tell("A line could not be read: %(kind)s.", "It is kept.", kind="KeyError").as_json()
    (change,) = telling.from_text("kept", table="kept", column="error").database_operations
    assert isinstance(change, RunSQL)
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


#: Those with a row or more for each message.
LARGE = {"message", "messagestats", "messageraw", "messagerevision", "medium"}


def test_large_tables_get_their_indexes_beside_their_writers(db: None) -> None:
    """Also after an interruption: Django's own operation fails on what is left of a build."""
    wrong = []
    for (app, name), migration in MigrationExecutor(connection).loader.disk_migrations.items():
        if app not in OURS or migration.initial:
            continue
        for operation in migration.operations:
            is_index = isinstance(operation, AddIndex | RemoveIndex)
            model = str(getattr(operation, "model_name", "")).lower()
            ours = isinstance(operation, BuildIndex | DropIndex)
            if is_index and model in LARGE and not (ours and not migration.atomic):
                wrong.append(f"{app}.{name}: {operation.describe()}")
    assert not wrong, "BuildIndex or DropIndex of tgadmin/lib/migrating.py, with atomic = False"
