"""The Python that runs this, and the packages in it."""

import platform
import re
import sys
from importlib import metadata
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tgadmin import env
from tgadmin.doctor.finding import Finding, ok, warn

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)([^\\]*)", re.MULTILINE)
#: What has a marker may rightly be absent on this system.
_CONDITION = ";"


def python() -> Finding:
    """The version; older ones than 3.11 never get here (manage.py tells them)."""
    told = {
        "version": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "path": sys.prefix,
    }
    return ok(_("Python %(version)s on %(system)s, in %(path)s") % told)


def packages(requirements: Path = env.BASE_DIR / "requirements.txt") -> Finding:
    """Whether what is installed is what is pinned."""
    try:
        pins = _PIN.findall(requirements.read_text(encoding="utf-8"))
    except OSError:
        return ok(_("The list of pinned packages is not here: nothing to compare with"))
    wrong = [
        f"{name} {installed or _('is missing')} ({_('pinned')}: {pinned})"
        for name, pinned, rest in pins
        if (installed := _installed(name)) != pinned and (installed or _CONDITION not in rest)
    ]
    if wrong:
        return warn(
            _("Not the pinned packages: %(packages)s") % {"packages": ", ".join(wrong[:5])},
            _(
                "Remove .venv and run any command: it is made anew. In Docker, build the image anew."
            ),
        )
    return ok(
        ngettext("%(n)s package, as pinned", "%(n)s packages, all as pinned", len(pins))
        % {"n": len(pins)}
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
