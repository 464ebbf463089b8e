"""Redaction profiles, and looking for personal data."""

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from archive import privacy_tasks
from archive.models import PiiAudit, RedactionProfile
from archive.privacy import BUILT_IN, auditing
from archive.privacy import choices as service
from archive.redaction import Action, Kind
from dashboard import keyset
from dashboard.guard import Request, signed_in, way_back
from dashboard.shell import Shell, page, shell_of
from ingestion.errors import IngestionError
from ingestion.models import Channel
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

KINDS: Final = {
    Kind.PHONE: gettext_lazy("Phone numbers"),
    Kind.EMAIL: gettext_lazy("E-mail addresses"),
    Kind.CARD: gettext_lazy("Payment cards"),
    Kind.IBAN: gettext_lazy("Bank accounts (IBAN)"),
    Kind.IP: gettext_lazy("Addresses of machines (IP)"),
    Kind.MENTION: gettext_lazy("@mentions"),
    Kind.NAME: gettext_lazy("Names and ids of group members"),
}
ACTIONS: Final = {
    Action.KEEP: gettext_lazy("Keep"),
    Action.REPLACE: gettext_lazy("Replace by a word"),
    Action.PSEUDONYM: gettext_lazy("Pseudonym"),
}
_MOST_CHANNELS: Final = 500


def _allowed(request: Request) -> Shell:
    shell = shell_of(request, section="settings")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    return shell


@signed_in
@require_safe
def redaction_page(request: Request) -> HttpResponseBase:
    """All profiles; `?profile=` is in the form."""
    shell = _allowed(request)
    found = service.profiles(shell.workspace)
    key = request.GET.get("profile", "")
    chosen = next((one for one in found if one.key == key), found[0])
    return page(
        request,
        shell,
        "settings/redaction.html",
        tab="redaction",
        profiles=[(one, _told(one)) for one in found],
        built_in=BUILT_IN,
        chosen=chosen,
        own="" if chosen.key == BUILT_IN else chosen.key,
        kinds=[(kind.value, word, chosen.rules.action(kind).value) for kind, word in KINDS.items()],
        actions=[(action.value, word) for action, word in ACTIONS.items()],
    )


def _told(profile: service.Profile) -> list[tuple[Any, Any]]:
    """What a profile does, in words."""
    return [
        (word, ACTIONS[profile.rules.action(kind)])
        for kind, word in KINDS.items()
        if profile.rules.action(kind) is not Action.KEEP
    ]


@signed_in
@require_POST
def save(request: Request) -> HttpResponseBase:
    shell = _allowed(request)
    key = request.POST.get("profile", "")
    if key:
        access(request.user, RedactionProfile.objects.all(), Permission.CHANNELS, pk=_number(key))
    actions = {kind.value: request.POST.get(f"kind_{kind.value}", "") for kind in Kind}
    known = {kind: text for kind, text in actions.items() if text in set(Action)}
    try:
        service.save(
            workspace=shell.workspace,
            name=request.POST.get("name", ""),
            actions=known,
            raw=request.POST.get("raw") == "on",
            media=request.POST.get("media") == "on",
            key=key,
            user=request.user,
        )
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The redaction profile was saved."))
    return redirect("redaction")


@signed_in
@require_POST
def delete(request: Request, pk: int) -> HttpResponseBase:
    rows = RedactionProfile.objects.select_related("workspace")
    profile = access(request.user, rows, Permission.CHANNELS, pk=pk)
    service.delete(profile=profile, user=request.user)
    messages.success(request, _("The redaction profile was deleted."))
    return redirect("redaction")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@signed_in
@require_safe
def audit_list(request: Request) -> HttpResponseBase:
    """Who looked for personal data, and the form for looking."""
    shell = _allowed(request)
    found = keyset.by_key(
        within(shell.workspace, PiiAudit.objects.select_related("requested_by")),
        before=keyset.cursor(request, "before"),
        after=keyset.cursor(request, "after"),
    )
    channels = within(shell.workspace, Channel.objects.filter(totals__messages__gt=0))
    return page(
        request,
        shell,
        "settings/pii.html",
        tab="redaction",
        found=found,
        channels=channels.order_by("title", "pk")[:_MOST_CHANNELS],
    )


@signed_in
@require_POST
def audit_start(request: Request) -> HttpResponseBase:
    """Begin a look; the form may say where it leads back to."""
    shell = _allowed(request)
    back = way_back(request.POST.get("back", ""), "")
    keys = [_number(text) for text in request.POST.getlist("channel")]
    rows = within(shell.workspace, Channel.objects.filter(totals__messages__gt=0))
    chosen = rows.filter(pk__in=keys) if keys else rows.filter(removed_at__isnull=True)
    try:
        made = auditing.request(
            workspace=shell.workspace,
            channels=list(chosen.order_by("pk")[:_MOST_CHANNELS]),
            user=request.user,
        )
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect(back or "pii")
    transaction.on_commit(privacy_tasks.requeue)
    return redirect(back) if back else redirect("pii-audit", made.pk)


def _audit(request: Request, pk: int) -> PiiAudit:
    rows = PiiAudit.objects.select_related("workspace", "requested_by")
    return access(request.user, rows, Permission.CHANNELS, pk=pk)


@signed_in
@require_safe
def audit_page(request: Request, pk: int) -> HttpResponseBase:
    """What was found where: by kind and channel, with masked examples that lead to messages."""
    audit = _audit(request, pk)
    shell = shell_of(request, section="settings", workspace_id=audit.workspace_id)
    channels = within(shell.workspace, Channel.objects.all()).in_bulk(audit.channels)
    rows = [
        (channels[key], [counts.get(kind.value, 0) for kind in KINDS])
        for key in audit.channels
        if key in channels and (counts := audit.counts.get(str(key)))
    ]
    examples = [
        (word, [(channels[key], *rest) for key, *rest in found if key in channels])
        for kind, word in KINDS.items()
        if (found := audit.examples.get(kind.value))
    ]
    return page(
        request,
        shell,
        "settings/pii_audit.html",
        tab="redaction",
        audit=audit,
        kinds=list(KINDS.values()),
        rows=rows,
        sums=[sum(numbers[place] for _, numbers in rows) for place in range(len(KINDS))],
        examples=examples,
    )


@signed_in
@require_POST
def audit_cancel(request: Request, pk: int) -> HttpResponseBase:
    auditing.cancel(audit=_audit(request, pk))
    return redirect("pii-audit", pk)
