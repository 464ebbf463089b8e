from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The HTML screens."""

    name = "dashboard"
