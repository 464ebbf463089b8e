from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ingestion.services import listening  # noqa: PLC0415, models are ready only now
        from tgadmin.lib import periodic  # noqa: PLC0415

        periodic.register("missed by listeners", listening.request_missing, every_seconds=5)
