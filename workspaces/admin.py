"""The stock admin: for superusers, beside the product's own pages."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from workspaces.models import AuditEvent, Membership, User, Workspace

if TYPE_CHECKING:
    _Inline = admin.TabularInline[Membership, Workspace]
    _WorkspaceAdmin = admin.ModelAdmin[Workspace]
    _AuditAdmin = admin.ModelAdmin[AuditEvent]
else:  # Django's classes are generic for the type checker alone
    _Inline, _WorkspaceAdmin, _AuditAdmin = admin.TabularInline, admin.ModelAdmin, admin.ModelAdmin

admin.site.register(User, UserAdmin)


class MembershipInline(_Inline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Workspace)
class WorkspaceAdmin(_WorkspaceAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name",)
    inlines = (MembershipInline,)


@admin.register(AuditEvent)
class AuditEventAdmin(_AuditAdmin):
    """To be read; nobody rewrites what people did."""

    list_display = ("at", "workspace", "user", "action", "target")
    list_filter = ("workspace", "action")
    list_select_related = ("workspace", "user")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002, Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False
