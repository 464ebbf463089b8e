"""What is not ours: Telegram's servers, and Docker."""

import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.utils.translation import gettext as _

from ingestion.models import Proxy
from tgadmin.doctor.finding import Finding, fail, ok, warn

#: Data centre 2, the "production configuration" that my.telegram.org/apps shows for every app.
PRODUCTION = ("149.154.167.50", 443)
_SECONDS = 5.0


def telegram() -> Finding:
    """Whether a connection can be made; nobody logs in."""
    host, port = PRODUCTION
    if settings.TELEGRAM_DC is not None:
        host, port = settings.TELEGRAM_DC.host, settings.TELEGRAM_DC.port
    try:
        socket.create_connection((host, port), timeout=_SECONDS).close()
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        return fail(
            _("Telegram cannot be reached at %(host)s, port %(port)s: %(reason)s")
            % {"host": host, "port": port, "reason": reason},
            _(
                "Look at the network and its firewall, or at TELEGRAM_DC if that is set; Accounts → "
                "Connectivity shows which ways are open."
            ),
        )
    return ok(
        _("Telegram can be reached at %(host)s, port %(port)s") % {"host": host, "port": port}
    )


def proxies() -> Finding:
    """Whether each proxy takes connections; what lies behind it, the page about connectivity tells."""
    rows = list(Proxy.objects.order_by("pk"))
    if not rows:
        return ok(_("No proxy is set up; accounts reach Telegram directly"))
    with ThreadPoolExecutor(max_workers=16) as pool:
        taken = list(pool.map(_takes_connections, rows))
    away = [str(row) for row, takes in zip(rows, taken, strict=True) if not takes]
    if away:
        return warn(
            _("Proxies that cannot be reached: %(proxies)s") % {"proxies": ", ".join(away)},
            _(
                "Check their address and port, and whether they are running; Accounts → "
                "Connectivity tests them."
            ),
        )
    return ok(_("All proxies take connections: %(count)s") % {"count": len(rows)})


def _takes_connections(row: Proxy) -> bool:
    try:
        socket.create_connection((row.host, row.port), timeout=_SECONDS).close()
    except OSError:
        return False
    return True


def docker(program: str = "docker") -> Finding:
    """Only for those who want containers: `up` needs none of it."""
    path = shutil.which(program)
    if path is None:
        return ok(_("Docker is not installed; `up` does not need it"))
    try:
        answer = subprocess.run(
            [path, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        answer = None
    version = answer.stdout.strip() if answer and answer.returncode == 0 else ""
    if version:
        return ok(_("Docker's engine %(version)s runs") % {"version": version})
    start = "open -a Docker" if sys.platform == "darwin" else "sudo systemctl start docker"
    return warn(
        _("Docker is installed, and its engine does not run or is not for you"),
        _("Only if you want containers: %(command)s. `up` does not need it.") % {"command": start},
    )
