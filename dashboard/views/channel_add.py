"""Adding channels."""

from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.views.decorators.http import require_http_methods

from dashboard.forms import AddChannelForm
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from dashboard.views.calls import answer_of, wait_for
from ingestion.errors import IngestionError
from ingestion.models import Account
from ingestion.services import calls
from ingestion.services import channels as service
from workspaces.access import access_workspace, within
from workspaces.roles import Permission


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponseBase:
    """Check what was typed, ask Telegram, wait for its answer; an error comes back here."""
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    accounts = within(shell.workspace, Account.objects.filter(state=Account.State.READY)).order_by(
        "pk"
    )
    form = AddChannelForm(_typed(request), accounts=accounts, initial={"account": accounts.first()})
    if request.method == "POST" and form.is_valid():
        try:
            ref = service.check_new(workspace=shell.workspace, text=form.cleaned_data["name"])
        except IngestionError as error:
            form.add_error("name", str(error))
        else:
            with transaction.atomic():
                call = calls.post(
                    account=form.cleaned_data["account"],
                    kind="add_channel",
                    arguments={"ref": str(ref)},
                    user=request.user,
                )
                return wait_for(call, name=form.cleaned_data["name"], account=str(call.account_id))
    answer = answer_of(request, shell)
    if answer and answer.state in {"failed", "void"}:
        form.add_error("name", answer.error)
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "channel_add.html", status, form=form, accounts=accounts)


def _typed(request: Request) -> Any:
    """What was typed: now, or before Telegram was asked and said no."""
    if request.method == "POST":
        return request.POST
    return request.GET if "call" in request.GET else None
