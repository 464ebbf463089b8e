"""Restoring, into an instance that holds nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from archive.exports import FileSink
from tgadmin.management.backup import programs
from tgadmin.management.backup.manifest import BackupError, Manifest, fingerprint
from tgadmin.management.backup.tarball import DUMP, EXPORTS, Tell, members


def check_fits(manifest: Manifest) -> None:
    """Refuse what this version cannot read. Raises `BackupError`."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    ours = {name.partition(".")[0] for name in known}
    newer = [
        name for name in manifest.migrations if name not in known and name.partition(".")[0] in ours
    ]
    if newer:
        raise BackupError(
            f"This backup was made by a newer tgadmin ({manifest.tgadmin}), which knows "
            f"{newer[0]}. Nothing was changed. Update tgadmin, then restore."
        )
    if manifest.pg_dump > programs.major():
        raise BackupError(
            f"This backup was made with PostgreSQL {manifest.pg_dump}, and the one here is "
            f"{programs.major()}. Nothing was changed. Update tgadmin, then restore."
        )


def check_empty() -> None:
    """Refuse a database or an export folder that holds something. Raises `BackupError`."""
    tables = connection.introspection.table_names()
    if tables:
        raise BackupError(
            f"The database is not empty ({len(tables)} tables), and a restore never replaces "
            "anything. Restore into a new data directory, for example:\n\n"
            "    python3 manage.py restore FILE --data /srv/tgadmin-restored\n\n"
            "or, with DATABASE_URL, into a new, empty database."
        )
    folder = Path(settings.EXPORT_DIR)
    if folder.is_dir() and any(folder.iterdir()):
        raise BackupError(
            f"{folder} holds files already, and a restore never replaces anything. Move them away, "
            "or restore into a new data directory (--data)."
        )


def load(file: Path, tell: Tell) -> None:
    """Restore what `verify` found whole, all or nothing: the files of exports first, which are
    removed again if anything fails, and the database last, in one transaction.
    """
    put: list[Path] = []
    try:
        for name, content in members(file):
            if name.startswith(EXPORTS):
                put.append(Path(settings.EXPORT_DIR) / name.removeprefix(EXPORTS))
                _put(put[-1], content.read, tell)
        _load_database(file, tell)
    except BaseException:  # Ctrl-C, too
        for target in put:
            target.unlink(missing_ok=True)
        raise
    connection.close()
    # A backup of an older version; of the same, nothing is left to do.
    call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # else the first searches are planned without knowing the rows


def _load_database(file: Path, tell: Tell) -> None:
    command: list[str | Path] = [
        *(programs.program("pg_restore"), "--single-transaction", "--exit-on-error"),
        # Extensions belong to the server's administrator: their comments are not ours to set.
        *("--no-owner", "--no-privileges", "--no-comments", "--no-password"),
        *("--dbname", str(connection.settings_dict["NAME"])),
    ]
    with programs.running(command, stdin=subprocess.PIPE) as process:
        assert process.stdin  # noqa: S101, it is a pipe
        size = 0
        for name, content in members(file):
            if name.startswith(f"{DUMP}."):
                size += process.stdin.write(content.read())
                tell("database", size)


def _put(target: Path, read: Callable[[int], bytes], tell: Tell) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileSink(target, temporary=target.with_name(f".{target.name}.part")) as sink:
        while block := read(2**20):
            sink.write(block)
        tell(target.name, sink.seal().size)
        sink.publish()


def missing_keys(manifest: Manifest) -> list[str]:
    """The fingerprints of keys that the backup's secrets were made with and that are not here."""
    here = {fingerprint(key) for key in settings.ENCRYPTION_KEYS}
    return [key for key in manifest.keys if key not in here]
