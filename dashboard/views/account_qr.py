"""Connecting an account with a QR code that a phone scans."""

import time
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import qr
from dashboard.guard import Request, is_live, signed_in
from dashboard.shell import page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import Account, AccountCall, QrCode
from ingestion.services import calls
from workspaces.access import access
from workspaces.roles import Permission

KIND = AccountCall.Kind.SHOW_QR
#: Seconds after which a page that was forgotten in some tab stops asking Telegram.
LONGEST = 600


def _get(request: Request, pk: int) -> Account:
    rows = Account.objects.select_related("workspace")
    return access(request.user, rows, Permission.ACCOUNTS, pk=pk)


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def qr_page(request: Request, pk: int) -> HttpResponseBase:
    """The code as it is now. A press has it renewed; with scripts, the page presses by itself."""
    account = _get(request, pk)
    if request.method == "POST":
        return _press(request, account)
    if _is_over(account):
        return redirect("account", pk)
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    return page(
        request,
        shell,
        "account_qr.html",
        account=account,
        since=str(int(time.time())),
        **_shown(account),
    )


@signed_in
@require_POST
def live_part(request: Request, pk: int) -> HttpResponseBase:
    """The same press, by the page itself."""
    return _press(request, _get(request, pk))


def _press(request: Request, account: Account) -> HttpResponseBase:
    if _is_over(account):
        return _go(request, reverse("account", args=[account.pk]))
    return _renew(request, account)


def _is_over(account: Account) -> bool:
    """Whether the phone has done its part: a password is asked for on the account's page."""
    return account.state in {Account.State.READY, Account.State.PASSWORD_NEEDED}


def _go(request: Request, address: str) -> HttpResponseBase:
    if is_live(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _renew(request: Request, account: Account) -> HttpResponseBase:
    """The next while of showing it. 204 when what the page shows is what there is."""
    live = is_live(request)
    if not live or not (_is_forgotten(request) or _failure(account)):
        try:
            _ask(request, account)
        except IngestionError as error:
            messages.error(request, str(error))
            return _go(request, reverse("account", args=[account.pk]))
    if not live:
        return redirect("account-qr", account.pk)
    shown = _shown(account, forgotten=_is_forgotten(request))
    if shown["mark"] == request.POST.get("shown"):
        return HttpResponse(status=204)
    return render(
        request,
        "dashboard/parts/account_qr.html",
        {"account": account, "since": request.POST.get("since"), **shown},
    )


def _is_forgotten(request: Request) -> bool:
    since = request.POST.get("since", "")
    return not since.isdecimal() or time.time() - int(since) > LONGEST


def _ask(request: Request, account: Account) -> None:
    if calls.is_open(account, KIND):
        return
    with transaction.atomic():
        call = calls.post(account=account, kind=KIND, user=request.user)
        tasks.enqueue_call(call.pk)


def _failure(account: Account) -> AccountCall | None:
    """Why the last code was none."""
    last = account.calls.filter(kind=KIND).order_by("-pk").first()
    return last if last and last.state == AccountCall.State.FAILED else None


def _code(account: Account) -> QrCode | None:
    return QrCode.objects.filter(account=account, expires_at__gt=timezone.now()).first()


def _shown(account: Account, *, forgotten: bool = False) -> dict[str, Any]:
    """`mark` tells one state of the page from the next."""
    failure = _failure(account)
    if failure or forgotten:
        return {"code": None, "failure": failure, "mark": "over", "over": True}
    code = _code(account)
    mark = qr.version(code.url) if code else "none"
    return {"code": code, "failure": None, "mark": mark, "over": False}


@signed_in
@never_cache
@require_safe
def qr_image(request: Request, pk: int) -> HttpResponseBase:
    """The code as an image. Whoever sees it can log in to the archive with their own account, and
    nobody can do anything with theirs: it is for those who may connect accounts.
    """
    code = _code(_get(request, pk))
    if code is None:
        raise Http404
    return HttpResponse(qr.svg(code.url), content_type="image/svg+xml")
