"""Every check by its name, and asking them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import Error
from django.utils.translation import gettext as _

from tgadmin.doctor import installed, media, outside, places, servers, work
from tgadmin.doctor.finding import Finding, fail, warn


@dataclass(frozen=True, slots=True)
class Check:
    """`on_page`: quick, and about nobody's workspace, so that the status page asks it, too."""

    ask: Callable[[], Finding]
    on_page: bool = True


CHECKS: dict[str, Check] = {
    "python": Check(installed.python),
    "packages": Check(installed.packages, on_page=False),
    "data": Check(places.data_directory),
    "keys": Check(places.keys),
    "disk": Check(places.disk),
    "backup": Check(places.backup),
    "media": Check(media.media, on_page=False),
    "postgresql": Check(servers.postgresql),
    "search": Check(servers.search),
    "migrations": Check(servers.migrations),
    "clock": Check(servers.clock),
    "valkey": Check(servers.valkey),
    "workers": Check(work.workers),
    "tick": Check(work.tick),
    "listener": Check(work.listener),
    "accounts": Check(work.accounts, on_page=False),
    "telegram": Check(outside.telegram, on_page=False),
    "proxies": Check(outside.proxies, on_page=False),
    "docker": Check(outside.docker, on_page=False),
}


def examine(*, for_page: bool = False) -> list[Finding]:
    """A finding of every check, in their order; never raises."""
    return [
        replace(_ask(check.ask), check=name)
        for name, check in CHECKS.items()
        if check.on_page or not for_page
    ]


def _ask(ask: Callable[[], Finding]) -> Finding:
    try:
        return ask()
    except Error:
        return warn(
            _("Nobody can tell: PostgreSQL does not answer."), _("See to PostgreSQL first.")
        )
    except Exception as error:  # noqa: BLE001, a doctor who faints helps nobody
        return fail(
            _("The check itself failed: %(kind)s: %(error)s")
            % {"kind": type(error).__name__, "error": error},
            _("Please report this."),
        )
