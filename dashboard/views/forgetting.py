"""Forgetting a person: a look, the confirmation, and receipts."""

from typing import Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from archive import privacy_tasks
from archive.models import Export
from archive.privacy import forgetting as service
from dashboard import keyset
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from ingestion import forgetting
from ingestion.errors import IngestionError
from ingestion.models import ForgottenPerson, Sender
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

#: What a receipt counts, in its order.
_WORDS: Final = {
    "removed": gettext_lazy("Messages removed"),
    "messages": gettext_lazy("Messages changed"),
    "revisions": gettext_lazy("Earlier versions changed"),
    "raw": gettext_lazy("Raw records changed"),
    "attached": gettext_lazy("Polls, previews and the like changed"),
    "files": gettext_lazy("Files taken off messages"),
    "senders": gettext_lazy("Records of the person deleted"),
    "changes": gettext_lazy("Former names deleted"),
    "admins": gettext_lazy("Entries in lists of administrators deleted"),
    "quarantined": gettext_lazy("Unreadable records wiped"),
}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: Request, pk: int) -> HttpResponseBase:
    """Say what it would do; do it for who typed the name."""
    rows = Sender.objects.select_related("workspace")
    sender = access(request.user, rows, Permission.CHANNELS, pk=pk)
    shell = shell_of(request, section="messages", workspace_id=sender.workspace_id)
    status = 200
    if request.method == "POST":
        try:
            made = service.request(
                sender=sender,
                mode=request.POST.get("mode", ""),
                typed=request.POST.get("typed", ""),
                user=request.user,
            )
        except IngestionError as error:
            messages.error(request, str(error))
            status = 422
        else:
            transaction.on_commit(privacy_tasks.requeue)
            return redirect("forgotten-person", made.pk)
    return page(
        request,
        shell,
        "forget.html",
        status,
        sender=sender,
        modes=ForgottenPerson.Mode.choices,
        mode=request.POST.get("mode", ForgottenPerson.Mode.PSEUDONYM),
        found=forgetting.look(sender),
    )


@signed_in
@require_safe
def receipts(request: Request) -> HttpResponseBase:
    """Everybody who is forgotten, by hashes."""
    shell = shell_of(request, section="settings")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    rows = within(shell.workspace, ForgottenPerson.objects.select_related("requested_by"))
    found = keyset.by_key(
        rows, before=keyset.cursor(request, "before"), after=keyset.cursor(request, "after")
    )
    return page(request, shell, "settings/forgotten.html", tab="privacy", found=found)


@signed_in
@require_safe
def receipt(request: Request, pk: int) -> HttpResponseBase:
    """What was changed, when and by whom; and the files that name them still."""
    rows = ForgottenPerson.objects.select_related("workspace", "requested_by")
    person = access(request.user, rows, Permission.CHANNELS, pk=pk)
    shell = shell_of(request, section="settings", workspace_id=person.workspace_id)
    counts = person.counts
    exports = within(shell.workspace, Export.objects.filter(state=Export.State.DONE))
    return page(
        request,
        shell,
        "settings/forgotten_person.html",
        tab="privacy",
        person=person,
        counts=[(word, counts[name]) for name, word in _WORDS.items() if counts.get(name)],
        exports=exports.filter(pk__in=counts.get("exports", [])).select_related("channel"),
        unknown=exports.filter(pk__in=counts.get("exports_unknown", [])).select_related("channel"),
        archive_files=counts.get("archive_files", []),
        lakes=counts.get("lakes", []),
        uploads=counts.get("uploads", []),
        hold=service.hold_on(person),
    )
