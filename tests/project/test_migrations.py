"""Migrations: none is missing, and each can be undone."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

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
