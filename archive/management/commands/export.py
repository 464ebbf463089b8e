"""`manage.py export @name --format jsonl|csv -o FILE|-`: a channel as a file, without a worker."""

import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from archive.exports import FORMATS, FileSink, Sink, stream
from ingestion.management._common import channel_from
from ingestion.models import Channel

_STANDARD_OUTPUT = "-"


class Command(BaseCommand):
    help = "Writes a channel's messages to a file or to standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ref", metavar="CHANNEL", help="@name, t.me link, peer id or number")
        parser.add_argument("--format", choices=sorted(FORMATS), default="jsonl")
        parser.add_argument(
            "-o",
            "--output",
            required=True,
            metavar="FILE",
            help="where to write; - is standard output. A file appears only when it is whole",
        )
        parser.add_argument(
            "--without-deleted",
            action="store_true",
            help="leave out messages that Telegram no longer has",
        )

    def handle(
        self,
        *,
        ref: str,
        format: str,  # noqa: A002, the option's name
        output: str,
        without_deleted: bool,
        verbosity: int,
        **_: Any,
    ) -> None:
        export = _Export(
            channel_from(ref), format, with_deleted=not without_deleted, quiet=not verbosity
        )
        # As for Ctrl-C: an unfinished file is removed.
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
        try:
            if output == _STANDARD_OUTPUT:
                export.to_standard_output()
            else:
                export.to_file(Path(output).expanduser())
        except BrokenPipeError:
            # Who read has seen enough; Python would complain once more when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise CommandError("Whoever read the output stopped reading.", returncode=1) from None
        except OSError as error:
            raise CommandError(
                f"{output} could not be written: {error.strerror or error}. Nothing was kept of it."
            ) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Nothing was kept of the file.", returncode=128 + signal.SIGINT
            ) from None


class _Export:
    def __init__(
        self,
        channel: Channel,
        format: str,  # noqa: A002, the option's name
        *,
        with_deleted: bool,
        quiet: bool,
    ) -> None:
        self.quiet = quiet
        self.channel = channel
        self.format = FORMATS[format]
        self.with_deleted = with_deleted

    def to_standard_output(self) -> None:
        self._stream(sys.stdout.buffer)
        sys.stdout.buffer.flush()

    def to_file(self, target: Path) -> None:
        # A directory or a device would be replaced by the finished file.
        if target.exists() and not target.is_file():
            raise CommandError(f"{target} is there and is not a file. Name another one.")
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        # Who may read it is for the person's umask to say.
        with FileSink(target, temporary=temporary, mode=0o666) as sink:
            rows = self._stream(sink)
            manifest = sink.seal()
            sink.publish()
        if not self.quiet:
            sys.stderr.write(
                f"{target}: {rows:,} messages, {manifest.size:,} bytes, SHA-256 {manifest.sha256}\n"
            )

    def _stream(self, sink: Sink) -> int:
        silent = True if self.quiet else None  # None: where nobody looks, too
        with tqdm(unit=" messages", unit_scale=True, disable=silent, file=sys.stderr) as bar:

            def show(rows: int, _size: int, expected: int) -> None:
                bar.total = max(rows, expected)
                bar.update(rows - bar.n)

            return stream(
                self.channel,
                format=self.format,
                with_deleted=self.with_deleted,
                sink=sink,
                progress=show,
            )
