"""`manage.py export [@name] --format jsonl|csv -o FILE|-`: messages as a file, without a worker."""

import os
import signal
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from archive.exports import FORMATS, FileSink, Options, Sink, scope, sidecar, stream
from archive.exports.options import PARTITIONS
from archive.management.filters import add_filters, filters_from
from ingestion.errors import IngestionError
from ingestion.management._common import channel_from, workspace
from ingestion.models import Channel

_STANDARD_OUTPUT = "-"


class Command(BaseCommand):
    help = "Writes messages to a file or to standard output: of a channel, or of all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "ref",
            metavar="CHANNEL",
            nargs="?",
            help="@name, t.me link, peer id or number; all channels without it",
        )
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
        parser.add_argument(
            "--without-senders",
            action="store_true",
            help="leave out ids, names and signatures of people, and the raw record",
        )
        parser.add_argument(
            "--columns", metavar="NAME,NAME…", default="", help="these alone, and message_id"
        )
        packing = parser.add_mutually_exclusive_group()
        packing.add_argument("--gzip", action="store_true", help="compress CSV or JSON Lines")
        packing.add_argument("--zstd", action="store_true", help="the same with Zstandard")
        parser.add_argument(
            "--with-media", action="store_true", help="a zip, with the files that are stored"
        )
        parser.add_argument(
            "--split", choices=PARTITIONS, default="", help="Parquet: a zip of several files"
        )
        add_filters(parser)

    def handle(
        self,
        *,
        ref: str | None,
        format: str,  # noqa: A002, the option's name
        output: str,
        verbosity: int,
        **options: Any,
    ) -> None:
        channel = channel_from(ref) if ref else None
        export = _Export(channel, format, _options(channel, format, options), quiet=not verbosity)
        # As for Ctrl-C: an unfinished file is removed.
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
        try:
            if output == _STANDARD_OUTPUT:
                export.to_standard_output()
            else:
                export.to_file(Path(output).expanduser())
        except BrokenPipeError:
            raise  # whoever read has seen enough: manage.py ends quietly
        except OSError as error:
            raise CommandError(
                f"{output} could not be written: {error.strerror or error}. Nothing was kept of it."
            ) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Nothing was kept of the file.", returncode=128 + signal.SIGINT
            ) from None


def _options(channel: Channel | None, format: str, given: dict[str, Any]) -> Options:  # noqa: A002, the option's name
    filters = filters_from(given, workspace())
    options = Options(
        filters=replace(filters, channels=(channel.pk,)) if channel else filters,
        with_deleted=not given["without_deleted"],
        without_senders=given["without_senders"],
        columns=tuple(name.strip() for name in given["columns"].split(",") if name.strip()),
        gzip=given["gzip"],
        zstd=given["zstd"],
        with_media=given["with_media"],
        partition=given["split"],
        time_zone=given["time_zone"],
    )
    try:
        options.check(format)
    except IngestionError as error:
        raise CommandError(str(error)) from error
    return options


class _Export:
    def __init__(
        self,
        channel: Channel | None,
        format: str,  # noqa: A002, the option's name
        options: Options,
        *,
        quiet: bool,
    ) -> None:
        self.quiet = quiet
        self.channel = channel
        self.format = FORMATS[format]
        self.options = options

    def to_standard_output(self) -> None:
        self._stream(sys.stdout.buffer)
        sys.stdout.buffer.flush()

    def to_file(self, target: Path) -> None:
        # A directory or a device would be replaced by the finished file.
        if target.exists() and not target.is_file():
            raise CommandError(f"{target} is there and is not a file. Name another one.")
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        # Who may read it is for the person's umask to say.
        # Before the messages: it then never claims more than the file has.
        described = self._described()
        with FileSink(target, temporary=temporary, mode=0o666) as sink:
            rows = self._stream(sink)
            manifest = sink.seal()
            sink.publish()
        if described:
            self._write_beside(target, sidecar.text(described, manifest, rows))
        if not self.quiet:
            sys.stderr.write(
                f"{target}: {rows:,} messages, {manifest.size:,} bytes, SHA-256 {manifest.sha256}\n"
            )

    def _described(self) -> dict[str, Any] | None:
        """What will lie beside a JSON Lines file."""
        if self.format.name != "jsonl":
            return None
        return sidecar.describe(self._channels(), self.options, self.format.name)

    def _write_beside(self, target: Path, text: bytes) -> None:
        path = sidecar.beside(target)
        with FileSink(path, temporary=path.with_name(f".{path.name}.part"), mode=0o666) as sink:
            sink.write(text)
            sink.seal()
            sink.publish()

    def _channels(self) -> list[Channel]:
        try:
            return [self.channel] if self.channel else scope.channels_of(workspace(), self.options)
        except IngestionError as error:
            raise CommandError(str(error)) from error

    def _stream(self, sink: Sink) -> int:
        channels = self._channels()
        silent = True if self.quiet else None  # None: where nobody looks, too
        with tqdm(unit=" messages", unit_scale=True, disable=silent, file=sys.stderr) as bar:

            def show(rows: int, _size: int, expected: int | None) -> None:
                bar.total = max(rows, expected) if expected is not None else None
                bar.update(rows - bar.n)

            return stream(
                channels, format=self.format, sink=sink, options=self.options, progress=show
            )
