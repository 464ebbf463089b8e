"""What an account is in: reading the list, choosing from it, taking it away as a file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.keyset import cursor
from dashboard.shell import Shell, page, shell_of
from dashboard.views.calls import answer_of
from dashboard.views.channel_add import ready_accounts
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import Account, AccountCall, Dialog
from ingestion.services import adding, calls
from ingestion.services import dialogs as service
from workspaces.access import NotFound, access, access_workspace
from workspaces.roles import Permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

LIMIT = 100


@signed_in
@require_safe
def dialog_list(request: Request) -> HttpResponseBase:
    """The list as it was last read, searched by `?q=`; `?call=` is one that renews it."""
    shell = _shell(request)
    accounts = list(ready_accounts(shell.workspace))
    account = _chosen(request, accounts)
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    context = _rows(request, account, words) if account else {}
    answer = answer_of(request, shell)
    return page(
        request,
        shell,
        "dialogs.html",
        accounts=accounts,
        account=account,
        words=words,
        answer=answer,
        call=cursor(request, "call"),
        reading=bool(answer and answer.state == "waiting"),
        **context,
    )


def _shell(request: Request) -> Shell:
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    return shell


def _chosen(request: Request, accounts: list[Account]) -> Account | None:
    """The account of the address, else the first; 404 for one that is none of the workspace's."""
    key = cursor(request, "account")
    if key is None:
        return accounts[0] if accounts else None
    found = next((account for account in accounts if account.pk == key), None)
    if found is None:
        raise NotFound
    return found


def _rows(request: Request, account: Account, words: str) -> dict[str, Any]:
    rows = service.search(account=account, text=words)
    after = cursor(request, "after")
    found = list((rows if after is None else rows.filter(position__gt=after))[: LIMIT + 1])
    shown = found[:LIMIT]
    read = Dialog.objects.filter(account=account).order_by("position").first()
    return {
        "dialogs": shown,
        "following": shown[-1].position if len(found) > LIMIT else None,
        "later": after is not None,
        "seen_at": read.seen_at if read else None,
    }


@signed_in
@require_POST
def read(request: Request) -> HttpResponseBase:
    """Ask Telegram for the list of the account; the page waits for it."""
    shell = _shell(request)
    account = _account(request, shell)
    with transaction.atomic():
        call = calls.post(account=account, kind=AccountCall.Kind.DIALOGS, user=request.user)
        tasks.enqueue_call(call.pk)
    return redirect(_address(account, call=call.pk))


def _account(request: Request, shell: Shell) -> Account:
    typed = request.POST.get("account", "")
    key = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    rows: QuerySet[Account] = ready_accounts(shell.workspace)
    return access(request.user, rows, Permission.CHANNELS, pk=key)


def _address(account: Account, **more: Any) -> str:
    return f"{reverse('dialogs')}?{urlencode({'account': account.pk, **more})}"


@signed_in
@require_safe
def live_part(request: Request) -> HttpResponseBase:
    """Whether the list was read; with the answer, the way to it."""
    shell = _shell(request)
    answer = answer_of(request, shell)
    if answer is None or answer.state != "waiting":
        kept = {name: request.GET[name] for name in ("account", "call") if name in request.GET}
        if answer and answer.state == "answered":
            kept.pop("call", None)
        target = f"{reverse('dialogs')}?{urlencode(kept)}"
        return HttpResponse(status=STOP_POLLING, headers={"HX-Redirect": target})
    return render(request, "dashboard/parts/dialogs_reading.html", {"request": request})


@signed_in
@require_POST
def add(request: Request) -> HttpResponseBase:
    """Go on with the ticked ones: what they begin with is chosen next."""
    shell = _shell(request)
    account = _account(request, shell)
    typed = request.POST.getlist("id")
    keys = [int(key) for key in typed if key.isascii() and key.isdigit() and len(key) < 19]
    found = service.search(account=account).filter(pk__in=keys)
    chosen = [row for row in found if getattr(row, "channel", None) is None]
    if not chosen:
        messages.warning(request, _("Nothing was ticked. Tick the channels first."))
        return redirect(_address(account))
    try:
        with transaction.atomic():
            made = adding.start_from_dialogs(account=account, dialogs=chosen, user=request.user)
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect(_address(account))
    return redirect("channel-adding", made.pk)


@signed_in
@require_safe
def as_csv(request: Request, pk: int) -> HttpResponseBase:
    account = access(request.user, Account.objects.all(), Permission.ACCOUNTS, pk=pk)
    return _file(account, "csv", "text/csv; charset=utf-8", service.export_csv(account=account))


@signed_in
@require_safe
def as_json(request: Request, pk: int) -> HttpResponseBase:
    account = access(request.user, Account.objects.all(), Permission.ACCOUNTS, pk=pk)
    return _file(account, "json", "application/json", service.export_json(account=account))


def _file(
    account: Account, suffix: str, content_type: str, pieces: Iterator[bytes]
) -> HttpResponseBase:
    name = f"channels-of-account-{account.pk}-{timezone.localdate()}.{suffix}"
    return StreamingHttpResponse(
        pieces,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
