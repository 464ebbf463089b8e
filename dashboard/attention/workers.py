"""No worker is alive, and there is something to do."""

from django.utils.translation import gettext as _

from dashboard.attention.problem import Problem
from dashboard.shell import Shell


def problems(shell: Shell) -> list[Problem]:
    if shell.workers or not (shell.active_runs or shell.channels):
        return []
    return [
        Problem(
            tone="bad",
            icon="server-off",
            before=_("No worker is alive"),
            cause=_("Nothing was heard from a worker for 20 seconds, so nothing is fetched."),
            safe=_("Everything archived is safe, and every run goes on where it was."),
            next=_("Start tgadmin again on the server: python3 manage.py up"),
        )
    ]
