from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The HTML screens."""

    name = "dashboard"

    def ready(self) -> None:
        from dashboard import warming  # noqa: PLC0415, models are ready only now
        from tgadmin.lib import cache  # noqa: PLC0415

        cache.register_warmer(warming.warm)
