from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from archive import privacy_tasks, retention, tasks  # noqa: PLC0415, models are ready only now
        from archive.stats import backfill, keeping, rollup  # noqa: PLC0415
        from ingestion import backfills, signals  # noqa: PLC0415
        from tgadmin.lib import periodic  # noqa: PLC0415

        periodic.register("exports", tasks.requeue_interrupted, every_seconds=5)
        periodic.register("schedules of exports", tasks.make_due_exports, every_seconds=5)
        periodic.register("expiry of exports", tasks.expire_exports, every_seconds=60)
        periodic.register("warming", tasks.enqueue_warming, every_seconds=10)
        backfills.register(backfill.DAYS)
        periodic.register("privacy", privacy_tasks.requeue, every_seconds=2)
        periodic.register("retention", privacy_tasks.start_retention, every_seconds=60)
        signals.batch_writing.connect(rollup.on_batch, dispatch_uid="days")
        signals.messages_deleted.connect(rollup.on_messages_deleted, dispatch_uid="days")
        signals.messages_leaving.connect(retention.refuse_held, dispatch_uid="holds")
        signals.batch_committed.connect(keeping.on_committed, dispatch_uid="kept")
        signals.messages_deleted.connect(keeping.on_messages_deleted, dispatch_uid="kept")
