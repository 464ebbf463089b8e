"""Telegram ended an account's login."""

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.attention.problem import Action, Problem, since
from dashboard.shell import Shell
from ingestion.models import Account


def problems(shell: Shell) -> list[Problem]:
    lost = [account for account in shell.accounts if account.state == Account.State.LOST]
    return [_problem(shell, account) for account in lost]


def _problem(shell: Shell, account: Account) -> Problem:
    address = reverse("account", args=[account.pk])
    return Problem(
        tone="bad",
        icon="key-round",
        before=_("Telegram ended the login of"),
        name=str(account),
        address=address,
        cause=str(account.error) or _("The session is no longer valid."),
        safe=_("Everything archived is safe."),
        next=_("Its channels are not read until it is connected again."),
        action=Action(_("Connect again"), reverse("account-code", args=[account.pk]), posts=True)
        if shell.can["accounts"]
        else None,
        **since(account.error_at),
    )
