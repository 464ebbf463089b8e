"""`manage.py restore FILE`: a backup into an instance that holds nothing."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tgadmin import env
from tgadmin.management.backup import load, progress, server
from tgadmin.management.backup.manifest import BackupError, Manifest
from tgadmin.management.backup.tarball import verify


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty data directory (or, with DATABASE_URL, an empty "
        "database). Nothing that is there is ever replaced."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="what `backup` wrote")

    def handle(self, *, file: str, verbosity: int, **_: Any) -> None:
        self.quiet = not verbosity
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
        data = Path(settings.TGADMIN_DATA_DIR)
        source = Path(file).expanduser().absolute()
        try:
            manifest = self._restore(source, data)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The restore failed: {error.strerror or error}.") from error
        self._remind(data, manifest)

    def _restore(self, source: Path, data: Path) -> Manifest:
        if not source.is_file():
            raise BackupError(f"{source} is not there, or is not a file.")
        with progress.shown(quiet=self.quiet) as tell:
            manifest = verify(source, tell)
        load.check_fits(manifest)
        with server.to_fill(data, self._say):
            load.check_empty()
            self._say(f"Restoring the backup of {manifest.created_at} into {data} …")
            with progress.shown(quiet=self.quiet) as tell:
                load.load(source, tell)
        return manifest

    def _remind(self, data: Path, manifest: Manifest) -> None:
        rows = manifest.rows
        self._say(
            f"Restored: {rows.get('ingestion.Channel', 0):,} channels, "
            f"{rows.get('ingestion.Message', 0):,} messages, {len(manifest.parts) - 1:,} exports."
        )
        missing = load.missing_keys(manifest)
        if missing:
            # Also when quiet: who overlooks it has to connect every account again.
            self.stderr.write(
                f"The Telegram sessions in it need the encryption key {missing[0]} (its "
                f"fingerprint), which is not here. Put the saved secrets/encryption.keys into "
                f"{data / 'secrets'} before you start; else the accounts have to be connected "
                "again."
            )
        self._say(
            f"Start it with: {env.up_command()}\nThe instance that was saved must not run at the "
            "same time: two that use the same Telegram sessions make Telegram end them."
        )

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stderr.write(line, style_func=str)
