"""Telegram accounts: connecting one, step by step, and letting it go."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Sum
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import account_day
from dashboard.forms import AccountForm, CodeForm, ConnectForm, PasswordForm, complaints
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.views.calls import answer_of, wait_for
from ingestion.errors import IngestionError, TakeoutDelay
from ingestion.models import (
    Account,
    AccountCall,
    AccountRequests,
    ChannelAccess,
    FloodWait,
    SyncRun,
)
from ingestion.services import accounts as service
from ingestion.services import budgets, calls
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

CHANNELS = 8
RUNS = 5
MOST_WAITS = 200
LOGIN_STEPS = ("send_code", "resend_code", "sign_in", "check_password", "show_qr", "check_session")


def _get(request: Request, pk: int, permission: Permission = Permission.ACCOUNTS) -> Account:
    return access(request.user, Account.objects.select_related("workspace"), permission, pk=pk)


@signed_in
@require_safe
def account_list(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="accounts")
    rows = within(shell.workspace, Account.objects.order_by("pk"))
    rows = rows.annotate(channels=Count("accesses", distinct=True))
    waits = within(shell.workspace, FloodWait.objects.filter(until__gt=timezone.now()))
    waiting = {wait.account_id: wait for wait in waits.order_by("until")}
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    asked = within(shell.workspace, AccountRequests.objects.filter(hour__gte=midnight))
    today = dict(asked.values_list("account").annotate(Sum("requests")))
    accounts = [(row, waiting.get(row.pk), today.get(row.pk, 0)) for row in rows]
    return page(request, shell, "accounts.html", accounts=accounts)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: Request) -> HttpResponseBase:
    """The first step. Its press also asks Telegram for the code."""
    shell = shell_of(request, section="accounts")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.ACCOUNTS)
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                account = service.create(
                    workspace=workspace, user=request.user, **form.cleaned_data
                )
                if form.way == "qr":
                    return redirect("account-qr", account.pk)
                call = calls.post(account=account, kind="send_code", user=request.user)
                return wait_for(call)
        except IngestionError as error:
            form.add_error("phone", str(error))
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "account_connect.html", status, form=form)


@signed_in
@require_safe
def account_page(request: Request, pk: int) -> HttpResponseBase:
    """How it stands, the next step to take, how its day went, and what it reads."""
    account = _get(request, pk, Permission.READ)
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    answer = answer_of(request, shell)
    refused = answer if answer and answer.state in {"failed", "void"} else None
    return page(
        request,
        shell,
        "account.html",
        account=account,
        refused=refused,
        last_refusal=None if refused else _last_refusal(account),
        code_form=CodeForm(),
        password_form=PasswordForm(),
        resend=_resend(account),
        **_what_it_does(shell, account),
    )


def _what_it_does(shell: Shell, account: Account) -> dict[str, Any]:
    now = timezone.now()
    rows = within(shell.workspace, FloodWait.objects.filter(account=account))
    waits = list(rows.filter(until__gt=now - account_day.DAY).order_by("-until")[:MOST_WAITS])
    runs = within(shell.workspace, SyncRun.objects.filter(account=account))
    runs = runs.select_related("channel").defer("planned", "done")
    return {
        "learned": account_day.budget_of(account),
        "quiet_until": budgets.quiet_until(account),
        "asking": _asking(account),
        "channels": _channels(account),
        "waits": waits,
        "flood_strip": account_day.floods_of(waits, now),
        "requests": account_day.requests_of(account, now),
        "runs": [
            *runs.filter(state__in=SyncRun.ACTIVE).order_by("-pk")[:RUNS],
            *runs.filter(state__in=SyncRun.ENDED).order_by("-pk")[:RUNS],
        ],
        "now": now,
    }


def _asking(account: Account) -> SyncRun | None:
    """The backfill that is the first to ask again for a takeout which nobody has allowed."""
    rows = SyncRun.objects.filter(
        account=account, state=SyncRun.State.WAITING, error_code=TakeoutDelay.CODE
    )
    return rows.order_by("not_before").first() if account.takeout else None


def _channels(account: Account) -> list[ChannelAccess]:
    """The newest of those that it reads, one more than are shown; the list of channels has all."""
    rows = ChannelAccess.objects.filter(account=account, channel__removed_at=None)
    return list(rows.select_related("channel").order_by("-pk")[: CHANNELS + 1])


def _last_refusal(account: Account) -> AccountCall | None:
    """Why the last step of a login that is not finished was refused."""
    if account.state in {Account.State.READY, Account.State.LOST}:
        return None
    last = account.calls.filter(kind__in=LOGIN_STEPS).order_by("-pk").first()
    return last if last and last.state == AccountCall.State.FAILED else None


def _resend(account: Account) -> dict[str, Any]:
    """When the code may be asked for again, and how it would come."""
    again_at = account.code_again_at
    left = (again_at - timezone.now()).total_seconds() if again_at else 0.0
    return {
        "account": account,
        "seconds": max(round(left), 0),
        "by": account.code_next_by,
    }


@signed_in
@require_safe
def resend_part(request: Request, pk: int) -> HttpResponseBase:
    """The countdown until the code may be asked for again; then the button."""
    resend = _resend(_get(request, pk))
    status = 200 if resend["seconds"] else STOP_POLLING
    return render(request, "dashboard/parts/account_resend.html", {"resend": resend}, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponseBase:
    """Its name; and what was typed wrong, as long as it is not connected."""
    account = _get(request, pk)
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    form = AccountForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            service.change(account=account, user=request.user, **form.cleaned_data)
        except IngestionError as error:
            form.add_error("phone" if "phone" in form.fields else "label", str(error))
        else:
            messages.success(request, _("The account was changed."))
            return redirect("account", pk)
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "account_edit.html", status, account=account, form=form)


def _ask(request: Request, account: Account, kind: str, **arguments: str) -> HttpResponseBase:
    try:
        with transaction.atomic():
            call = calls.post(account=account, kind=kind, arguments=arguments, user=request.user)
            return wait_for(call)
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect("account", account.pk)


@signed_in
@require_POST
def send_code(request: Request, pk: int) -> HttpResponseBase:
    return _ask(request, _get(request, pk), "send_code")


@signed_in
@require_POST
def sign_in(request: Request, pk: int) -> HttpResponseBase:
    account = _get(request, pk)
    form = CodeForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect("account", pk)
    # Telegram shows codes with a dash; people copy it. Keyboards write digits of their script.
    code = "".join(
        str(int(char)) if char.isdecimal() else char
        for char in form.cleaned_data["code"]
        if char.isalnum()
    )
    return _ask(request, account, "sign_in", code=code)


@signed_in
@require_POST
def check_password(request: Request, pk: int) -> HttpResponseBase:
    account = _get(request, pk)
    form = PasswordForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect("account", pk)
    return _ask(request, account, "check_password", password=form.cleaned_data["password"])


@signed_in
@require_POST
def resend_code(request: Request, pk: int) -> HttpResponseBase:
    """The code again, by the next way that Telegram offers."""
    return _ask(request, _get(request, pk), "resend_code")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: Request, pk: int) -> HttpResponseBase:
    """Ends the session at Telegram, too. GET asks first."""
    account = _get(request, pk)
    if request.method == "POST":
        return _ask(request, account, "log_out")
    return _ask_first(request, account, "account_disconnect.html")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, pk: int) -> HttpResponseBase:
    account = _get(request, pk)
    if request.method == "POST":
        service.delete(account=account, user=request.user)
        told = _("%(account)s was deleted. What it archived is kept.")
        messages.success(request, told % {"account": account})
        return redirect("accounts")
    return _ask_first(request, account, "account_delete.html")


def _ask_first(request: Request, account: Account, template: str) -> HttpResponseBase:
    """What it means, before it is done."""
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    read = account.accesses.filter(channel__removed_at=None)
    alone = read.exclude(
        channel__in=ChannelAccess.objects.filter(
            account__workspace=account.workspace_id, account__state=Account.State.READY
        )
        .exclude(account=account)
        .values("channel")
    )
    return page(
        request, shell, template, account=account, channels=read.count(), alone=alone.count()
    )
