"""The data directory, the keys, the disk, and the last backup."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ingestion.models import Message
from tgadmin import env
from tgadmin.doctor.finding import Finding, fail, ok, warn
from tgadmin.lib import last_backup

#: Free bytes below which PostgreSQL may stop at any time, and below which to think of it.
_LEAST = 300 * 10**6
_LITTLE = 2 * 10**9
_BACKUP_AGE = timedelta(days=7)


def data_directory() -> Finding:
    data = _data()
    if not data.is_dir():
        return fail(
            _("The data directory %(path)s is not there") % {"path": data},
            _("Make it with: %(command)s") % {"command": env.up_command()},
        )
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return fail(
            _("You may not write to the data directory %(path)s") % {"path": data},
            _("Run this as the user whom it belongs to, or give that user the right to."),
        )
    # Of somebody else's PostgreSQL (as root) it is to be passed through, not read: 0711.
    if data.stat().st_mode & 0o066:
        return warn(
            _("Others on this machine can read the data directory %(path)s") % {"path": data},
            f"chmod 700 {data}",
        )
    return ok(_("The data directory is %(path)s, for its owner alone") % {"path": data})


def keys() -> Finding:
    """Present, valid, and for nobody else's eyes."""
    folder = _data() / "secrets"
    files = {
        "secret.key": env.secret_key_is_given(),
        "encryption.keys": env.encryption_keys_are_given(),
    }
    missing = [name for name, given in files.items() if not (given or (folder / name).is_file())]
    if missing:
        return fail(
            _("Missing in %(folder)s: %(names)s") % {"folder": folder, "names": ", ".join(missing)},
            _("Put them back from their copy. Of a new installation, `up` makes them."),
        )
    if not all(_is_key(key) for key in settings.ENCRYPTION_KEYS):
        return fail(
            _("An encryption key is not one"),
            _("A key is 32 random bytes as URL-safe base64: see .env.example."),
        )
    for path in (folder, *sorted(folder.glob("*"))):
        if path.exists() and path.stat().st_mode & 0o077:
            mode = 700 if path.is_dir() else 600
            return fail(
                _("%(path)s can be read by others") % {"path": path}, f"chmod {mode} {path}"
            )
    where = str(folder) if not all(files.values()) else _("the environment")
    return ok(
        _("The keys are in %(where)s. No backup has them: keep a copy in another place")
        % {"where": where}
    )


def disk(usage: Callable[[Path], Any] = shutil.disk_usage) -> Finding:
    """Room for what comes. `usage` returns bytes as `total`, `used`, `free`."""
    data = _data()
    place = next(path for path in (data, *data.parents) if path.exists())
    found = usage(place)
    told = {
        "free": f"{found.free / 1e9:,.1f}",
        "total": f"{(found.used + found.free) / 1e9:,.1f}",
        "path": place,
    }
    text = _("%(free)s GB of %(total)s GB are free on the disk of %(path)s") % told
    todo = _("Make room, delete old exports, or move the data directory to another disk (--data).")
    if found.free < _LEAST:
        return fail(text, todo)
    return warn(text, todo) if found.free < _LITTLE else ok(text)


def backup(now: Callable[[], datetime] = timezone.now) -> Finding:
    """Whether what is archived is saved, too."""
    found = last_backup.read(_data())
    todo = _("Make one: python3 manage.py backup FILE")
    if found is None:
        if Message.objects.exists():
            return warn(_("No backup has been made"), todo)
        return ok(_("No backup has been made, and nothing is archived yet"))
    told = {
        "date": date_format(timezone.localtime(found.at), "SHORT_DATETIME_FORMAT"),
        "size": f"{found.size / 1e6:,.1f}",
    }
    text = _("The last backup is of %(date)s (%(size)s MB)") % told
    return warn(text, todo) if now() - found.at > _BACKUP_AGE else ok(text)


def _data() -> Path:
    return Path(settings.TGADMIN_DATA_DIR)


def _is_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True
