"""Waiting for Telegram: a page that looks every second whether the answer is there."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.keyset import cursor
from dashboard.shell import Shell, page, shell_of
from ingestion import tasks
from ingestion.models import AccountCall
from ingestion.services import calls
from ingestion.services.calls import CallResult
from workspaces.access import access, within
from workspaces.roles import Permission

#: What is being asked, as the waiting page says it.
ASKING = {
    "send_code": _("Telegram is asked to send a login code"),
    "resend_code": _("Telegram is asked to send the code again"),
    "sign_in": _("Telegram checks the code"),
    "check_password": _("Telegram checks the password"),
    "check_session": _("Telegram is asked whose session it is"),
    "show_qr": _("Telegram is asked for a QR code"),
    "log_out": _("Telegram ends the session"),
    "check": _("Telegram is asked whether it accepts the login"),
    "add_channel": _("Telegram is asked for the channel"),
    "preview": _("Telegram is asked for the channel"),
    "join": _("Telegram is asked to let the account join"),
    "dialogs": _("Telegram is asked for the account's channels and groups"),
}

#: Calls of those who look after channels; the others are about the account itself.
ABOUT_CHANNELS = ("add_channel", "preview", "join", "dialogs")


def wait_for(call: AccountCall) -> HttpResponseBase:
    """Have it answered, and go to the page that waits."""
    tasks.enqueue_call(call.pk)
    return redirect("call", call.pk)


def answer_of(request: Request, shell: Shell) -> CallResult | None:
    """How the call that the address names went."""
    number = cursor(request, "call")
    if number is None:
        return None
    call = within(shell.workspace, AccountCall.objects.filter(pk=number)).first()
    return calls.result(call) if call else None


def _access(request: Request, pk: int) -> AccountCall:
    rows = AccountCall.objects.select_related("account")
    call = access(request.user, rows, pk=pk)
    about = Permission.CHANNELS if call.kind in ABOUT_CHANNELS else Permission.ACCOUNTS
    return access(request.user, rows, about, pk=pk)


def _next(call: AccountCall, result: CallResult) -> str:
    """Where to go with the answer."""
    address = reverse("account", args=[call.account_id])
    return address if result.state == "answered" else f"{address}?call={call.pk}"


@signed_in
@require_safe
def waiting(request: Request, pk: int) -> HttpResponseBase:
    call = _access(request, pk)
    result = calls.result(call)
    if result.state != "waiting":
        return redirect(_next(call, result))
    shell = shell_of(
        request,
        section="channels" if call.kind in ABOUT_CHANNELS else "accounts",
        workspace_id=call.account.workspace_id,
    )
    return page(request, shell, "call.html", call=call, asking=ASKING[call.kind])


@signed_in
@require_safe
def live_part(request: Request, pk: int) -> HttpResponseBase:
    """The seconds that passed; with the answer, the way on."""
    call = _access(request, pk)
    result = calls.result(call)
    if result.state != "waiting":
        target = _next(call, result)
        return HttpResponse(status=STOP_POLLING, headers={"HX-Redirect": target})
    return render(request, "dashboard/parts/call_live.html", {"call": call})
