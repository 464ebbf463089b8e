from django.apps import AppConfig


class TgadminConfig(AppConfig):
    """The project itself as an app: its commands and checks."""

    name = "tgadmin"
