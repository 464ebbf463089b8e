from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created


class TgadminConfig(AppConfig):
    """The project itself as an app: its commands and checks."""

    name = "tgadmin"

    def ready(self) -> None:
        from tgadmin import checks  # noqa: F401, PLC0415 - registers them
        from tgadmin.lib import databases, speech, told  # noqa: PLC0415 - the models' fields need apps

        connection_created.connect(databases.begin, dispatch_uid="tgadmin.databases.begin")
        told.speak_with(speech.ActiveLanguage())


class TgadminAdminConfig(AdminConfig):
    """Django's admin with our site in place of the default one."""

    default_site = (
        "tgadmin.admin_site.SuperuserAdminSite"  # of its own module: tgadmin.admin needs it made
    )
