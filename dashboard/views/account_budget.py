"""How an account is used: pace, quiet hours, takeout; and whether a refused login works again."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.forms import BudgetForm
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from dashboard.views.calls import wait_for
from dashboard.views.channel import get
from ingestion.errors import IngestionError
from ingestion.models import Account
from ingestion.services import budgets, calls
from workspaces.access import access
from workspaces.roles import Permission


def _get(request: Request, pk: int) -> Account:
    return access(
        request.user, Account.objects.select_related("workspace"), Permission.ACCOUNTS, pk=pk
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def budget(request: Request, pk: int) -> HttpResponseBase:
    account = _get(request, pk)
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    form = BudgetForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            budgets.change(account=account, user=request.user, **form.cleaned_data)
        except IngestionError as error:
            form.add_error("quiet_from", str(error))
        else:
            messages.success(request, _("Saved. It counts from the next connection on."))
            return redirect("account", pk)
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "account_budget.html", status, account=account, form=form)


@signed_in
@require_POST
def check(request: Request, pk: int) -> HttpResponseBase:
    """Ask Telegram whether it accepts the login again that it refused."""
    account = _get(request, pk)
    return wait_for(calls.post(account=account, kind="check", user=request.user))


@signed_in
@require_safe
def channel_readers(request: Request, pk: int) -> HttpResponseBase:
    """Which accounts read a channel, which could, and what is in the way of the others."""
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    return page(
        request,
        shell,
        "channel_readers.html",
        channel=channel,
        readers=budgets.readers_of(channel),
    )
