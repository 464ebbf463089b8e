"""Channels as files. One module a format; CONTRIBUTING tells what a new one needs."""

from archive.exports.base import ExportFormat
from archive.exports.csv import Csv
from archive.exports.jsonl import JsonLines
from archive.exports.options import COLUMNS, Options
from archive.exports.sink import FileSink, GzipSink, Manifest, Sink
from archive.exports.stream import parameters_of, stream

FORMATS: dict[str, ExportFormat] = {"csv": Csv(), "jsonl": JsonLines()}

__all__ = [
    "COLUMNS",
    "FORMATS",
    "ExportFormat",
    "FileSink",
    "GzipSink",
    "Manifest",
    "Options",
    "Sink",
    "parameters_of",
    "stream",
]
