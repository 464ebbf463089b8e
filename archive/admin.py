"""Exports and saved searches in the stock admin: to look at, and to remove rows of; files are the services' work."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from archive.models import Export, SavedSearch

if TYPE_CHECKING:
    _ExportAdmin = admin.ModelAdmin[Export]
    _SavedSearchAdmin = admin.ModelAdmin[SavedSearch]
else:  # Django's class is generic for the type checker alone
    _ExportAdmin = _SavedSearchAdmin = admin.ModelAdmin


@admin.register(SavedSearch)
class SavedSearchAdmin(_SavedSearchAdmin):
    list_display = ("name", "workspace", "owner", "shared", "created_at")
    list_filter = ("shared",)
    list_select_related = ("workspace", "owner")
    search_fields = ("name",)
    ordering = ("-pk",)


@admin.register(Export)
class ExportAdmin(_ExportAdmin):
    list_display = ("id", "channel", "format", "state", "rows", "size", "attempt", "created_at")
    list_filter = ("state", "format")
    list_select_related = ("channel",)
    search_fields = ("channel__title", "channel__username", "sha256")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    readonly_fields = ("error",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002, Django's signature
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002, Django's signature
        obj: Export | None = None,  # noqa: ARG002
    ) -> bool:
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002, Django's signature
        obj: Export | None = None,  # noqa: ARG002
    ) -> bool:
        return False
