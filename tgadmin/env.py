"""The one reader of the environment. Each function is a setting; .env.example describes it.

Values come from the environment or, where it does not have them, from the file `.env` beside
manage.py.
"""

import json
import os
import re
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import environ
from django.core.exceptions import ImproperlyConfigured

from tgadmin import embedded

BASE_DIR = Path(__file__).resolve().parent.parent

_DATA = ".data"
_DATA_DEMO = ".data-demo"


class DataCentre(NamedTuple):
    """A Telegram server: the number of its data centre, and where it listens."""

    id: int
    host: str
    port: int


_OF_THE_ARCHIVE = (
    *("TGADMIN_DATA", "DATABASE_URL", "REDIS_URL", "REPLICA_URL"),
    *("TELEGRAM_DC", "TELEGRAM_PUBLIC_KEY", "TELEGRAM_MIN_INTERVAL"),
)
"""What a .env file says about the real archive, and a demo must not touch."""


def _load_file() -> None:
    name = os.environ.get("TGADMIN_ENV_FILE", ".env")
    file = BASE_DIR / name
    if not (name and file.is_file()):
        return
    if demo():
        for variable in _OF_THE_ARCHIVE:
            os.environ.setdefault(variable, "")  # set, so the file does not set it
    environ.Env.read_env(file)


def _read(name: str, default: str = "") -> str:
    """Return a variable's text; one that is set and empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def _number(name: str, default: float, *, least: float = 0) -> float:
    text = _read(name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not value >= least:
        raise ImproperlyConfigured(f"{name} is {text!r}: a number of at least {least:g} is needed.")
    return value


def _flag(name: str) -> bool:
    text = _read(name, "0").lower()
    if text not in {"0", "1", "no", "yes", "false", "true", "off", "on"}:
        raise ImproperlyConfigured(f"{name} is {text!r}: 1 or 0 is needed.")
    return text in {"1", "yes", "true", "on"}


def _list(name: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", _read(name)) if part]


def debug() -> bool:
    return _flag("TGADMIN_DEBUG")


def demo() -> bool:
    return _flag("TGADMIN_DEMO")


def data_dir() -> Path:
    """Return the data directory, absolute; a relative one is beside manage.py."""
    default = _DATA_DEMO if demo() else _DATA
    return (BASE_DIR / Path(_read("TGADMIN_DATA", default)).expanduser()).resolve()


def demo_data_dir() -> Path:
    """Return where the demo of this checkout keeps its data, unless it was told otherwise."""
    return (BASE_DIR / _DATA_DEMO).resolve()


def database_url() -> str:
    """Return the URL of PostgreSQL: the given one, or the data directory's own server."""
    return _read("DATABASE_URL") or embedded.postgres_url(data_dir())


def database_is_given() -> bool:
    return bool(_read("DATABASE_URL"))


def behind_pooler() -> bool:
    """Tell whether a pooler gives every transaction another connection."""
    return _flag("PGBOUNCER")


def replica_url() -> str:
    """Return the URL of a replica of PostgreSQL; empty where there is none."""
    return _read("REPLICA_URL")


def replica_max_lag() -> float:
    """Return by how many seconds a replica that pages are read from may be behind."""
    return _number("REPLICA_MAX_LAG", 5)


def redis_url() -> str:
    return _read("REDIS_URL") or embedded.valkey_url(data_dir())


def redis_is_given() -> bool:
    return bool(_read("REDIS_URL"))


def secret_key() -> str:
    """Return the key of Django's signatures, empty when none has been made yet."""
    return _read("TGADMIN_SECRET_KEY") or _file(data_dir() / "secrets" / "secret.key")


def encryption_keys() -> list[str]:
    """Return the Fernet keys, the first of which encrypts; empty when none has been made yet."""
    given = _list("TGADMIN_ENCRYPTION_KEYS")
    return given or _file(data_dir() / "secrets" / "encryption.keys").split()


def secret_key_is_given() -> bool:
    return bool(_read("TGADMIN_SECRET_KEY"))


def encryption_keys_are_given() -> bool:
    return bool(_list("TGADMIN_ENCRYPTION_KEYS"))


def allowed_hosts() -> list[str]:
    return _list("TGADMIN_ALLOWED_HOSTS")


def csrf_trusted_origins() -> list[str]:
    return _list("TGADMIN_CSRF_TRUSTED_ORIGINS")


def https() -> bool:
    return _flag("TGADMIN_HTTPS")


def admin_user() -> str:
    return _read("TGADMIN_ADMIN_USER", "admin")


def admin_password() -> str:
    return _read("TGADMIN_ADMIN_PASSWORD")


def email() -> dict[str, Any]:
    """Return Django's settings of the mail server; empty when none is given."""
    url = _read("EMAIL_URL")
    if not url:
        return {}
    try:
        found = environ.Env.email_url_config(url)
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL is not understood: smtp+tls://user:password@mail.example.org:587 is needed."
        ) from error
    sender = _read("EMAIL_FROM") or found["EMAIL_HOST_USER"] or ""
    if "@" not in sender:
        raise ImproperlyConfigured(
            "EMAIL_FROM is needed with EMAIL_URL: the address that mails come from."
        )
    return {**found, "DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender}


def telegram_server() -> tuple[DataCentre | None, Path | None]:
    """Return the server to use instead of Telegram's own, and its public key's file.

    A demo's is its sandbox, whose port may change with every start.
    """
    dc, key = _telegram_dc(), _telegram_public_key()
    if dc is None and demo():
        return sandbox_server()
    return dc, key


def sandbox_server() -> tuple[DataCentre | None, Path | None]:
    """Return where the sandbox of the data directory listens, as it wrote down itself."""
    file = data_dir() / "sandbox" / "server.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        number = str(found["dc"]).partition(":")[0]  # it says 2:127.0.0.1:4430
        dc = DataCentre(int(number), str(found["host"]), int(found["port"]))
        return dc, Path(found["public_key"])
    except (OSError, ValueError, KeyError):
        return None, None


def _telegram_dc() -> DataCentre | None:
    text = _read("TELEGRAM_DC")
    if not text:
        return None
    match = re.fullmatch(r"(\d+):(.+):(\d+)", text)
    if not match:
        raise ImproperlyConfigured(
            f"TELEGRAM_DC is {text!r}: <id>:<host>:<port> is needed, for example 2:127.0.0.1:4430."
        )
    return DataCentre(int(match[1]), match[2].strip("[]"), int(match[3]))


def _telegram_public_key() -> Path | None:
    text = _read("TELEGRAM_PUBLIC_KEY")
    return Path(text).expanduser().resolve() if text else None


def telegram_min_interval() -> float:
    return _number("TELEGRAM_MIN_INTERVAL", 0 if demo() else 0.3)


def telegram_timeout() -> float:
    return _number("TELEGRAM_TIMEOUT", 30, least=1)


def telegram_connect_timeout() -> float:
    return _number("TELEGRAM_CONNECT_TIMEOUT", 10, least=1)


def telegram_connect_attempts() -> int:
    return int(_number("TELEGRAM_CONNECT_ATTEMPTS", 2, least=1))


def web_preview_url() -> str:
    return _read("WEB_PREVIEW_URL", "https://t.me")


def web_preview_interval() -> float:
    return _number("WEB_PREVIEW_INTERVAL", 2)


def outbound_private() -> bool:
    return _flag("TGADMIN_OUTBOUND_PRIVATE")


def batch_size() -> int:
    return int(_number("TGADMIN_BATCH_SIZE", 5_000, least=1))


def batch_seconds() -> float:
    return _number("TGADMIN_BATCH_SECONDS", 2)


def slice_seconds() -> float:
    return _number("TGADMIN_SLICE_SECONDS", 60, least=1)


_AGE = re.compile(r"(\d{1,5})(m|h|d)")
_AGE_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def counter_ages() -> tuple[timedelta, ...]:
    """Return the ages at which the counters of a message are read again; none when it is "no"."""
    text = _read("TGADMIN_COUNTER_AGES", "1h 6h 1d 7d 30d").strip()
    if text.lower() in {"", "no", "off"}:
        return ()
    found = [_AGE.fullmatch(word) for word in text.replace(",", " ").split()]
    ages = [_AGE_UNITS[one[2]] * int(one[1]) for one in found if one]
    if len(ages) != len(found) or ages != sorted(set(ages)) or not ages[0]:
        raise ImproperlyConfigured(
            f"TGADMIN_COUNTER_AGES is {text!r}: growing ages such as “1h 6h 1d 7d 30d” are needed, "
            "or “no”."
        )
    return tuple(ages)


def media_store() -> str:
    """Return where files of messages go: `local`, or the name of an S3 bucket."""
    text = _read("TGADMIN_MEDIA_STORE", "local")
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]+)(?:/(.*))?", text)
    if text != "local" and not match:
        raise ImproperlyConfigured(
            f"TGADMIN_MEDIA_STORE is {text!r}: local, or s3://BUCKET/FOLDER, is needed."
        )
    return text


def media_s3() -> dict[str, Any]:
    """Return the options of django-storages' S3 storage; empty when no bucket is named.

    The bucket is that of TGADMIN_MEDIA_STORE, or of TGADMIN_MEDIA_S3 while files are in both.
    """
    store = media_store()
    text = _read("TGADMIN_MEDIA_S3") or (store if store != "local" else "")
    if not text:
        return {}
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]+)(?:/(.*))?", text)
    if match is None:
        raise ImproperlyConfigured(f"TGADMIN_MEDIA_S3 is {text!r}: s3://BUCKET/FOLDER is needed.")
    return {
        "bucket_name": match[1],
        "location": match[2] or "",
        "endpoint_url": _read("TGADMIN_MEDIA_S3_ENDPOINT") or None,
        "region_name": _read("TGADMIN_MEDIA_S3_REGION") or None,
        "access_key": _read("TGADMIN_MEDIA_S3_KEY") or None,
        "secret_key": _read("TGADMIN_MEDIA_S3_SECRET") or None,
    }


def media_quota() -> int:
    """Return how many bytes of files are kept at most; 0: as many as fit."""
    return _bytes("TGADMIN_MEDIA_QUOTA", _read("TGADMIN_MEDIA_QUOTA", "0"))


def media_free_floor() -> int:
    """Return how many bytes of the disk downloads leave free."""
    return _bytes("TGADMIN_MEDIA_FREE_FLOOR", _read("TGADMIN_MEDIA_FREE_FLOOR", "2GB"))


def media_parts() -> int:
    """Return how many parts of files are asked for at a time."""
    return int(_number("TGADMIN_MEDIA_PARTS", 4, least=1))


_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def _bytes(name: str, text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?B)?", text.upper())
    if match is None:
        raise ImproperlyConfigured(f"{name} is {text!r}: a size such as 50GB is needed.")
    return int(float(match[1]) * _UNITS[match[2] or ""])


def log_level() -> str:
    level = _read("LOG_LEVEL", "INFO").upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ImproperlyConfigured(
            f"LOG_LEVEL is {level!r}: DEBUG, INFO, WARNING, ERROR or CRITICAL is needed."
        )
    return level


def log_format() -> str:
    form = _read("LOG_FORMAT", "text").lower()
    if form not in {"text", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT is {form!r}: text or json is needed.")
    return form


def up_command() -> str:
    """Return the command that starts the servers of this data directory, as a person types it."""
    data = _read("TGADMIN_DATA")
    return " ".join(
        [
            "python3 manage.py up",
            *(["--demo"] if demo() else []),
            *([f"--data {shlex.quote(str(data_dir()))}"] if data else []),
        ]
    )


def child_environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with changes, for programs started by it."""
    return {**os.environ, **changes}


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be read ({error.strerror}). Run this as the user who made it."
        ) from error


_load_file()
