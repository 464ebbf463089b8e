"""The stock admin: for superusers, because it knows nothing of workspaces."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class SuperuserAdminSite(AdminSite):
    """Django's admin, closed to staff who are not superusers."""

    site_header = site_title = "tgadmin: database"
    index_title = "Tables"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
