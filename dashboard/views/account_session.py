"""String sessions: connecting an account with one, and giving an account's own away."""

from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.forms import OwnPasswordForm, SessionForm
from dashboard.guard import Request, signed_in
from dashboard.limits import allow
from dashboard.shell import page, shell_of
from dashboard.views.calls import wait_for
from ingestion.errors import IngestionError
from ingestion.models import Account
from ingestion.services import accounts as service
from ingestion.services import calls
from workspaces.access import access, access_workspace
from workspaces.roles import Permission

#: Passwords that a person may try before waiting.
TRIES = 5
WAIT = 900


@signed_in
@never_cache
@sensitive_post_parameters("session", "api_hash")
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: Request) -> HttpResponseBase:
    """Connect an account with a session that was made elsewhere."""
    shell = shell_of(request, section="accounts")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.ACCOUNTS)
    form = SessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                account = service.import_session(
                    workspace=workspace, user=request.user, **form.cleaned_data
                )
                call = calls.post(account=account, kind="check_session", user=request.user)
                return wait_for(call)
        except IngestionError as error:
            form.add_error("session", str(error))
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "account_import.html", status, form=form)


@signed_in
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: Request, pk: int) -> HttpResponseBase:
    """Show an account's session, once, to an owner who has typed their password again."""
    rows = Account.objects.select_related("workspace")
    account = access(request.user, rows, Permission.WORKSPACE, pk=pk)
    shell = shell_of(request, section="accounts", workspace_id=account.workspace_id)
    form = OwnPasswordForm(request.POST or None)
    status, shown = 200, ""
    if request.method == "POST":
        status, shown = _checked(request, account, form)
    answer: dict[str, Any] = {"account": account, "form": form, "session": shown}
    return page(request, shell, "account_session.html", status, **answer)


def _checked(request: Request, account: Account, form: OwnPasswordForm) -> tuple[int, str]:
    """The status, and the session when the password is right."""
    if not form.is_valid():
        return 422, ""
    if not allow(f"session:{request.user.pk}", times=TRIES, seconds=WAIT):
        form.add_error(
            "password", _("That was tried too often. Try again in a quarter of an hour.")
        )
        return 429, ""
    if not request.user.check_password(form.cleaned_data["password"]):
        service.refuse_export(account=account, user=request.user)
        form.add_error("password", _("That is not your password. The attempt was written down."))
        return 422, ""
    try:
        return 200, service.export_session(account=account, user=request.user)
    except IngestionError as error:
        form.add_error(None, str(error))
        return 409, ""
