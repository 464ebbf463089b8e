from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ingestion import signals, tasks  # noqa: PLC0415, models are ready only now
        from ingestion.media import recording, space  # noqa: PLC0415
        from ingestion.services import listening  # noqa: PLC0415
        from tgadmin.lib import periodic  # noqa: PLC0415

        periodic.register("missed by listeners", listening.request_missing, every_seconds=5)
        tasks.register_backfills()
        periodic.register("backfills", tasks.requeue_backfills, every_seconds=2)
        periodic.register("imports", tasks.requeue_imports, every_seconds=2)
        periodic.register("sums of files", space.fold, every_seconds=60)
        signals.batch_writing.connect(recording.on_batch, dispatch_uid="media")
        signals.messages_deleted.connect(recording.on_messages_deleted, dispatch_uid="media")
