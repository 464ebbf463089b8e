"""Telegram accounts: connecting one, step by step, and letting it go."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.forms import CodeForm, ConnectForm, PasswordForm, complaints
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from dashboard.views.calls import answer_of, wait_for
from ingestion.errors import IngestionError
from ingestion.models import Account, FloodWait
from ingestion.services import accounts as service
from ingestion.services import calls
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission


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
    accounts = [(row, waiting.get(row.pk)) for row in rows]
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
                call = calls.post(account=account, kind="send_code", user=request.user)
                return wait_for(call)
        except IngestionError as error:
            form.add_error("phone", str(error))
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "account_connect.html", status, form=form)


@signed_in
@require_safe
def account_page(request: Request, pk: int) -> HttpResponseBase:
    """How it stands, and the next step to take."""
    account = _get(request, pk, Permission.READ)
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    answer = answer_of(request, shell)
    accesses = account.accesses.select_related("channel").order_by("channel__title")
    waits = within(shell.workspace, FloodWait.objects.filter(account=account))
    return page(
        request,
        shell,
        "account.html",
        account=account,
        refused=answer if answer and answer.state in {"failed", "void"} else None,
        code_form=CodeForm(),
        password_form=PasswordForm(),
        accesses=accesses[:100],
        waits=waits.order_by("-until")[:20],
        now=timezone.now(),
    )


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
def disconnect(request: Request, pk: int) -> HttpResponseBase:
    """Ends the session at Telegram, too."""
    return _ask(request, _get(request, pk), "log_out")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, pk: int) -> HttpResponseBase:
    account = _get(request, pk)
    if request.method == "POST":
        service.delete(account=account, user=request.user)
        messages.success(request, f"{account} was forgotten. What it archived is kept.")
        return redirect("accounts")
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    channels = account.accesses.count()
    return page(request, shell, "account_delete.html", account=account, channels=channels)
