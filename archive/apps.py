from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from archive import tasks  # noqa: PLC0415, models are ready only now
        from tgadmin.lib import periodic  # noqa: PLC0415

        periodic.register("exports", tasks.requeue_interrupted, every_seconds=5)
