"""How Telegram is reached: proxies, and which data centre answers through which."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import roads
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.limits import allow
from dashboard.road_forms import ProxyForm, RoadForm
from dashboard.shell import page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import Account, Proxy
from ingestion.services import proxies as service
from workspaces.access import access, access_workspace, within
from workspaces.models import Workspace
from workspaces.roles import Permission

#: Looks that a workspace may have in a quarter of an hour.
LOOKS = 30
QUARTER = 900


def _workspace(request: Request) -> Workspace:
    shell = shell_of(request, section="accounts")
    return access_workspace(request.user, shell.workspace.pk, Permission.ACCOUNTS)


def _proxy(request: Request, pk: int) -> Proxy:
    rows = Proxy.objects.select_related("workspace")
    return access(request.user, rows, Permission.ACCOUNTS, pk=pk)


@signed_in
@require_safe
def connectivity(request: Request) -> HttpResponseBase:
    """Which data centre answers, directly and through each proxy."""
    workspace = _workspace(request)
    shell = shell_of(request, section="accounts", workspace_id=workspace.pk)
    rows = roads.overview(workspace)
    moving = any(row.waiting for row in rows)
    return page(request, shell, "roads.html", rows=rows, moving=moving)


@signed_in
@require_safe
def live_part(request: Request) -> HttpResponseBase:
    rows = roads.overview(_workspace(request))
    moving = any(row.waiting for row in rows)
    context = {"rows": rows, "moving": moving, "can": {"accounts": True}}
    status = 200 if moving else STOP_POLLING
    return render(request, "dashboard/parts/roads_live.html", context, status=status)


@signed_in
@require_POST
def look(request: Request) -> HttpResponseBase:
    """Look without a proxy."""
    return _look(request, _workspace(request), None)


@signed_in
@require_POST
def try_proxy(request: Request, pk: int) -> HttpResponseBase:
    """Look through one proxy."""
    proxy = _proxy(request, pk)
    return _look(request, proxy.workspace, proxy)


def _look(request: Request, workspace: Workspace, proxy: Proxy | None) -> HttpResponseBase:
    if allow(f"roads:{workspace.pk}", times=LOOKS, seconds=QUARTER):
        row = service.check(workspace=workspace, proxy=proxy, user=request.user)
        tasks.enqueue_road_check(row.pk)
    else:
        messages.error(request, _("That was looked at often enough. Try again in a while."))
    return redirect("roads")


@signed_in
@sensitive_post_parameters("password", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponseBase:
    return _form(request, _workspace(request), None)


@signed_in
@sensitive_post_parameters("password", "secret")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponseBase:
    proxy = _proxy(request, pk)
    return _form(request, proxy.workspace, proxy)


def _form(request: Request, workspace: Workspace, proxy: Proxy | None) -> HttpResponseBase:
    form = ProxyForm(request.POST or None, proxy=proxy)
    if request.method == "POST" and form.is_valid():
        try:
            service.save(workspace=workspace, proxy=proxy, user=request.user, **form.cleaned_data)
        except IngestionError as error:
            form.add_error(
                "secret" if "SECRET" in error.code or "FAKE" in error.code else "host", str(error)
            )
        else:
            messages.success(request, _("The proxy was saved. Test it before an account uses it."))
            return redirect("roads")
    status = 422 if request.method == "POST" else 200
    shell = shell_of(request, section="accounts", workspace_id=workspace.pk)
    return page(request, shell, "proxy.html", status, form=form, proxy=proxy)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponseBase:
    """GET asks first."""
    proxy = _proxy(request, pk)
    if request.method == "POST":
        try:
            service.remove(proxy=proxy, user=request.user)
        except IngestionError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The proxy was removed."))
        return redirect("roads")
    shell = shell_of(request, section="accounts", workspace_id=proxy.workspace_id)
    return page(request, shell, "proxy_remove.html", proxy=proxy)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def of_account(request: Request, pk: int) -> HttpResponseBase:
    """How one account reaches Telegram."""
    rows = Account.objects.select_related("workspace", "proxy")
    account = access(request.user, rows, Permission.ACCOUNTS, pk=pk)
    choices: Any = within(account.workspace, Proxy.objects.order_by("pk"))
    form = RoadForm(request.POST or None, account=account, proxies=choices)
    if request.method == "POST" and form.is_valid():
        service.choose(account=account, user=request.user, **form.cleaned_data)
        messages.success(request, _("Its next connection goes this way."))
        return redirect("account", pk)
    status = 422 if request.method == "POST" else 200
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    return page(request, shell, "account_road.html", status, account=account, form=form)
