"""The keys of an installation: made once, for their owner's eyes only."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from tgadmin import env
from tgadmin.management.supervisor.preflight import UpError


def make_missing_keys(data: Path) -> list[str]:
    """Make what neither the environment nor the data directory has; returns what there is to say."""
    said = []
    folder = data / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if not env.secret_key_is_given():
        write_once(folder / "secret.key", secrets.token_urlsafe(50))
    if not env.encryption_keys_are_given():
        made = write_once(folder / "encryption.keys", Fernet.generate_key().decode())
        if made and (data / "postgres").exists():
            said.append(
                f"The encryption keys were missing, and new ones were made: {folder}. Telegram "
                "accounts connected before cannot be read with them: put the old file back, or "
                "connect the accounts again."
            )
        elif made:
            said.append(
                f"Keys were made in {folder}. Keep a copy of them, apart from the backups: without "
                "them the stored Telegram sessions cannot be read."
            )
    for file in folder.iterdir():
        file.chmod(0o600)
    return said


def write_once(path: Path, text: str) -> bool:
    """Write a secret unless the file is there; whole or not at all, even to two at a time."""
    if path.exists():
        if not path.read_text(encoding="ascii").strip():
            raise UpError(
                f"{path} is empty. Restore it from a backup, or remove it to have a new one made."
            )
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # unlike a rename, it leaves one that came first
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
