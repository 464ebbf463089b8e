"""The stock admin of accounts, channels and runs. Tables with a composite key cannot be shown in
it (https://docs.djangoproject.com/en/5.2/topics/composite-primary-key/): messages have their own
pages.
"""

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import (
    Account,
    AccountCall,
    AccountLease,
    AccountRequests,
    Channel,
    ChannelAccess,
    ChannelChange,
    ChannelPhoto,
    ChannelTotals,
    Coverage,
    Dialog,
    FloodWait,
    KnownChannel,
    MemberCount,
    Quarantine,
    SyncRun,
    WorkerHeartbeat,
)
from ingestion.services import runs

if TYPE_CHECKING:
    _AccountAdmin = admin.ModelAdmin[Account]
    _CallAdmin = admin.ModelAdmin[AccountCall]
    _ChannelAdmin = admin.ModelAdmin[Channel]
    _RunAdmin = admin.ModelAdmin[SyncRun]
else:  # Django's classes are generic for the type checker alone
    _AccountAdmin = _CallAdmin = _ChannelAdmin = _RunAdmin = admin.ModelAdmin

#: Secrets are never shown, not even to superusers.
SECRETS = ("api_hash", "session", "phone_code_hash")

admin.site.register(
    [
        AccountLease,
        AccountRequests,
        ChannelAccess,
        ChannelChange,
        ChannelPhoto,
        ChannelTotals,
        Coverage,
        Dialog,
        FloodWait,
        KnownChannel,
        MemberCount,
        Quarantine,
        WorkerHeartbeat,
    ]
)


@admin.register(Account)
class AccountAdmin(_AccountAdmin):
    list_display = ("phone", "label", "name", "workspace", "state", "last_used_at")
    list_filter = ("workspace", "state")
    search_fields = ("phone", "label", "name", "username")
    exclude = SECRETS
    readonly_fields = ("error",)


@admin.register(AccountCall)
class AccountCallAdmin(_CallAdmin):
    list_display = ("created_at", "account", "kind", "state", "error_code")
    list_filter = ("kind", "state")
    exclude = ("arguments", "answer")
    readonly_fields = ("error",)


@admin.register(Channel)
class ChannelAdmin(_ChannelAdmin):
    list_display = ("title", "username", "workspace", "kind", "top_id", "enabled", "last_synced_at")
    list_filter = ("workspace", "kind", "enabled")
    search_fields = ("title", "username", "peer_id")
    actions = ("sync_now",)

    @admin.action(description="Sync the selected channels now")
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            try:
                runs.request_sync(channel=channel)
            except IngestionError as error:
                self.message_user(request, str(error), messages.ERROR)
        tasks.enqueue_due()


@admin.register(SyncRun)
class SyncRunAdmin(_RunAdmin):
    list_display = ("id", "channel", "kind", "state", "new", "changed", "error_code", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("channel",)
    readonly_fields = ("error",)
    actions = ("pause", "resume", "cancel")

    @admin.action(description="Pause the selected runs")
    def pause(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> None:  # noqa: ARG002, Django's signature
        for run in queryset:
            runs.pause(run=run)

    @admin.action(description="Resume the selected runs")
    def resume(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> None:  # noqa: ARG002
        for run in queryset:
            runs.resume(run=run)
        tasks.enqueue_due()

    @admin.action(description="Cancel the selected runs")
    def cancel(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> None:  # noqa: ARG002
        for run in queryset:
            runs.cancel(run=run)
