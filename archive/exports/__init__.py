"""Channels as files. One module a format; CONTRIBUTING tells what a new one needs."""

from archive.exports.base import ExportFormat
from archive.exports.csv import Csv
from archive.exports.jsonl import JsonLines
from archive.exports.sink import FileSink, Manifest, Sink
from archive.exports.stream import stream

FORMATS: dict[str, ExportFormat] = {"csv": Csv(), "jsonl": JsonLines()}

__all__ = ["FORMATS", "ExportFormat", "FileSink", "Manifest", "Sink", "stream"]
