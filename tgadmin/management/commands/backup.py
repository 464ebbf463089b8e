"""`manage.py backup FILE|-`: the database and the finished exports in one file."""

import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from archive.exports import FileSink, Sink
from tgadmin.lib import last_backup
from tgadmin.management.backup import progress, server
from tgadmin.management.backup.manifest import BackupError, Manifest
from tgadmin.management.backup.save import save

_STANDARD_OUTPUT = "-"


class Command(BaseCommand):
    help = (
        "Saves the database and the finished exports into one file, also while everything runs. "
        "Keys are never inside."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="where to write; - is standard output")
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def handle(self, *, file: str, force: bool, verbosity: int, **_: Any) -> None:
        self.quiet = not verbosity
        # As for Ctrl-C: an unfinished file is removed, a server that was started is stopped.
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
        data = Path(settings.TGADMIN_DATA_DIR)
        try:
            if file == _STANDARD_OUTPUT:
                counted = _Counted(sys.stdout.buffer)
                manifest = self._save(data, counted)
                sys.stdout.buffer.flush()
                last_backup.remember(data, file=file, size=counted.size)
                self._remind(data, manifest)
            else:
                self._to_file(data, Path(file).expanduser().absolute(), force=force)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{file} could not be written: {error.strerror or error}. Nothing was kept of it."
            ) from error

    def _to_file(self, data: Path, target: Path, *, force: bool) -> None:
        if target.exists() and not target.is_file():
            raise BackupError(f"{target} is there and is not a file. Name another one.")
        if target.exists() and not force:
            raise BackupError(f"{target} is there already. Name another one, or add --force.")
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        with FileSink(target, temporary=temporary) as sink:
            manifest = self._save(data, sink)
            whole = sink.seal()
            sink.publish()
        last_backup.remember(data, file=str(target), size=whole.size)
        self._say(f"{target}: {whole.size:,} bytes, SHA-256 {whole.sha256}")
        self._remind(data, manifest)

    def _save(self, data: Path, out: Sink) -> Manifest:
        with server.to_read(data, self._say), progress.shown(quiet=self.quiet) as tell:
            return save(out, tell)

    def _remind(self, data: Path, manifest: Manifest) -> None:
        rows = manifest.rows
        self._say(
            f"{rows['ingestion.Channel']:,} channels, {rows['ingestion.Message']:,} messages, "
            f"{len(manifest.parts) - 1:,} exports."
        )
        for name in manifest.missing:
            self._say(f"The export {name} had no file any more.")
        self._say(
            f"The keys are not inside: copy {data / 'secrets'} to another place than the backup "
            "(or TGADMIN_ENCRYPTION_KEYS, if that is set). Without the encryption key the stored "
            "Telegram sessions cannot be used."
        )

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stderr.write(line, style_func=str)


class _Counted:
    """Standard output, with its bytes counted."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.size = 0

    def write(self, block: bytes) -> int:
        self._out.write(block)
        self.size += len(block)
        return len(block)
