"""No worker is alive, or nobody hands out work, and there is something to do."""

from django.utils.translation import gettext as _

from dashboard.attention.problem import Problem
from dashboard.shell import Shell


def problems(shell: Shell) -> list[Problem]:
    if not (shell.active_runs or shell.channels):
        return []
    if shell.workers:
        return [] if shell.has_tick else [_nobody_hands_out()]
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


def _nobody_hands_out() -> Problem:
    """The workers wait for ever: schedules do not start, and what waited is not taken up again."""
    return Problem(
        tone="bad",
        icon="server-off",
        before=_("Nobody hands out work"),
        cause=_(
            "Nothing was heard from the tick for 20 seconds. Workers are alive, but schedules do not "
            "start, and runs that wait do not go on."
        ),
        safe=_("Everything archived is safe, and every run goes on where it was."),
        next=_(
            "Look into the log of the tick on the server, then start tgadmin again: "
            "python3 manage.py up"
        ),
    )
