"""Channels as files. One module a format; CONTRIBUTING tells what a new one needs."""

from archive.exports.base import ExportFormat, TextFormat
from archive.exports.csv import Csv
from archive.exports.html import Html
from archive.exports.jsonl import JsonLines
from archive.exports.options import COLUMNS, Options
from archive.exports.parquet import Parquet
from archive.exports.sink import FileSink, GzipSink, Manifest, Sink
from archive.exports.stream import parameters_of, stream
from archive.exports.xlsx import Xlsx

#: Those that PostgreSQL writes by itself.
TEXT_FORMATS: dict[str, TextFormat] = {"csv": Csv(), "jsonl": JsonLines()}
FORMATS: dict[str, ExportFormat] = {
    **TEXT_FORMATS,
    "parquet": Parquet(),
    "xlsx": Xlsx(),
    "html": Html(),
}

__all__ = [
    "COLUMNS",
    "FORMATS",
    "TEXT_FORMATS",
    "ExportFormat",
    "FileSink",
    "GzipSink",
    "Manifest",
    "Options",
    "Sink",
    "parameters_of",
    "stream",
]
