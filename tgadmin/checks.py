"""System checks: what is wrong with an installation's configuration, with a hint each."""

from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

from tgadmin import env


@register(Tags.security)
def check_encryption_keys(**_: Any) -> Iterable[CheckMessage]:
    """Every key must be one that Fernet takes, or sessions could not be read when needed."""
    for number, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield Error(
                f"Encryption key number {number} is not a Fernet key.",
                hint="A key is 32 random bytes as URL-safe base64, 44 characters: see .env.example "
                "for a command that makes one.",
                id="tgadmin.E001",
            )


@register(Tags.security)
def check_public_key(**_: Any) -> Iterable[CheckMessage]:
    path = settings.TELEGRAM_PUBLIC_KEY
    if path is not None and not path.is_file():
        yield Error(
            f"TELEGRAM_PUBLIC_KEY names {path}, and no such file is there.",
            hint="It is the path of the server's RSA key, PKCS#1 in PEM form.",
            id="tgadmin.E002",
        )
    if path is not None and settings.TELEGRAM_DC is None:
        yield Error(
            "TELEGRAM_PUBLIC_KEY is set without TELEGRAM_DC.",
            hint="Set both, for a server of your own, or none, for Telegram.",
            id="tgadmin.E003",
        )


@register(Tags.security, deploy=True)
def check_secret_key(**_: Any) -> Iterable[CheckMessage]:
    if not env.secret_key():
        yield CheckWarning(
            "There is no secret key yet, so every process makes up its own.",
            hint=f"Make one with `{env.up_command()}` or set TGADMIN_SECRET_KEY.",
            id="tgadmin.W001",
        )


@register(Tags.files, deploy=True)
def check_modes(**_: Any) -> Iterable[CheckMessage]:
    """Keys are for their owner's eyes."""
    for path in sorted((settings.TGADMIN_DATA_DIR / "secrets").glob("*")):
        if path.stat().st_mode & 0o077:
            yield CheckWarning(
                f"{path} can be read by others.",
                hint=f"chmod 600 {path}",
                id="tgadmin.W002",
            )
