"""For migrations: what a new column needs is worked out afterwards, beside everything else."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


class StartBackfill(migrations.RunPython):
    """Queue a backfill, from the beginning; nothing where no message is archived. Put it into a
    migration behind the one that made the column.
    """

    reduces_to_sql = False
    elidable = True

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(self._start, migrations.RunPython.noop)

    def _start(self, apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        alias = schema_editor.connection.alias
        if not apps.get_model("ingestion", "Message").objects.using(alias).exists():
            return
        apps.get_model("ingestion", "Backfill").objects.using(alias).update_or_create(
            name=self.name,
            defaults={"state": "queued", "cursor": None, "rows": 0, "changed": 0, "estimate": 0},
        )

    def describe(self) -> str:
        return f"Start the backfill {self.name}"

    def deconstruct(self) -> Any:
        return (self.__class__.__qualname__, [self.name], {})
