"""Whether somebody does the work, and may."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingestion.models import Account
from ingestion.services import listening
from ingestion.services import workers as signs
from tgadmin import env
from tgadmin.doctor.finding import Finding, fail, ok, warn

_QUEUES = ("slices", "calls", "exports", "media")
_TICK = "tick"
_LISTENER = "listener"


def workers() -> Finding:
    """Every queue needs one that was heard of a moment ago."""
    roles = [row.role.split(" + ") for row in signs.alive() if row.role not in (_TICK, _LISTENER)]
    idle = [queue for queue in _QUEUES if not any(queue in role for role in roles)]
    if idle:
        return fail(
            _("No worker is alive for: %(queues)s") % {"queues": ", ".join(idle)},
            _start(f"worker {' '.join(idle)}"),
        )
    return ok(
        ngettext("%(n)s worker is alive", "%(n)s workers are alive", len(roles)) % {"n": len(roles)}
    )


def tick() -> Finding:
    if not any(row.role == _TICK for row in signs.alive()):
        return fail(
            _("The tick is not alive: nothing that is due will start"),
            _start("tick"),
        )
    return ok(_("The tick is alive"))


def listener() -> Finding:
    """Needed where a channel is live."""
    if not listening.wanted():
        return ok(_("No channel is live, and no listener is needed"))
    if not any(row.role == _LISTENER for row in signs.alive()):
        return fail(
            _("The listener is not alive: live channels are not heard"),
            _start("listener"),
        )
    return ok(_("The listener is alive"))


def accounts() -> Finding:
    """Connected, and readable with the keys that are here."""
    locked, lost, ready = [], [], 0
    for account in Account.objects.defer("session", "api_hash", "phone_code_hash").order_by("pk"):
        try:
            account.refresh_from_db(fields=["session", "api_hash"])
        except ImproperlyConfigured:
            locked.append(str(account))
        ready += account.state == Account.State.READY
        if account.state == Account.State.LOST:
            lost.append(str(account))
    if locked:
        return fail(
            _("The encryption keys here do not open: %(names)s") % {"names": ", ".join(locked)},
            _("Put the old key back (TGADMIN_ENCRYPTION_KEYS takes several), or connect again."),
        )
    if lost:
        return warn(
            _("The login was lost of: %(names)s") % {"names": ", ".join(lost)},
            _("Connect again on the account's page."),
        )
    if not ready:
        return warn(
            _("No Telegram account is connected"),
            _("Connect one on the page Accounts, or: python3 manage.py accounts login"),
        )
    return ok(
        ngettext("%(n)s account is connected", "%(n)s accounts are connected", ready) % {"n": ready}
    )


def _start(command: str) -> str:
    if env.database_is_given():
        return _("Start it: python3 manage.py %(command)s") % {"command": command}
    return _("Start it with: %(command)s") % {"command": env.up_command()}
