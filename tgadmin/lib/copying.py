"""Sending many values to PostgreSQL quickly: binary COPY and binary arrays, through psycopg."""

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg import pq
from psycopg.adapt import Buffer, Dumper
from psycopg.types.json import JsonbBinaryDumper


class _SerialisedJson(bytes):
    """Stands for "JSON that is bytes already" in psycopg's registry."""


class _SerialisedJsonDumper(JsonbBinaryDumper):
    """jsonb's binary form is a version byte and the text
    (src/backend/utils/adt/jsonb.c, jsonb_recv).
    """

    def dump(self, obj: Any) -> Buffer | None:
        return b"\x01" + bytes(obj)


class _Texts(list[str]):
    """Stands for "a list of strings" in psycopg's registry."""


class _TextArrayDumper(Dumper):
    """A `text[]` without NULLs. psycopg's own dumper looks at every element of every list first,
    which takes ten times as long.
    """

    format = pq.Format.BINARY
    oid = 1009

    def dump(self, obj: Sequence[str]) -> Buffer | None:
        return _packed_texts(obj)


def binary_cursor(of: "psycopg.Connection[Any] | None" = None) -> "psycopg.Cursor[Any]":
    """A plain psycopg cursor on Django's connection, which must be in a transaction, or on another:
    it binds on the server and in binary form, which Django's own does not.
    """
    cursor = psycopg.Cursor(of or connection.connection)
    cursor.adapters.register_dumper(_SerialisedJson, _SerialisedJsonDumper)
    cursor.adapters.register_dumper(_Texts, _TextArrayDumper)
    cursor.adapters.register_dumper(BinaryArray, _BinaryArrayDumper)
    return cursor


def copy_rows(
    cursor: psycopg.Cursor[Any], statement: str, types: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Send rows by binary COPY on a `binary_cursor`; returns how many. `jsonb` columns take
    serialised bytes.
    """
    count = 0
    with cursor.copy(statement.encode()) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


class BinaryArray:
    """A one-dimensional array without NULLs in PostgreSQL's binary form.

    Packed in one go: psycopg's own list dumper handles each element in Python.
    https://www.postgresql.org/docs/current/xfunc-c.html; src/backend/utils/adt/arrayfuncs.c
    """

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    @classmethod
    def of_bigints(cls, values: Sequence[int]) -> "BinaryArray":
        """Make a `bigint[]`."""
        flat: list[int] = [8] * (2 * len(values))
        flat[1::2] = values
        return cls(_header(_BIGINT, len(values)) + struct.pack(">" + "iq" * len(values), *flat))

    @classmethod
    def of_bytes(cls, values: Sequence[bytes], *, size: int) -> "BinaryArray":
        """`bytea[]` of elements that are all `size` bytes long."""
        length = struct.pack(">i", size)
        body = length + length.join(values) if values else b""
        return cls(_header(_BYTEA, len(values)) + body)

    @classmethod
    def of_texts(cls, values: Sequence[str]) -> "BinaryArray":
        """Make a `text[]`."""
        return cls(_packed_texts(values))


#: Of pg_type, https://www.postgresql.org/docs/current/catalog-pg-type.html.
_BYTEA, _BIGINT, _TEXT = 17, 20, 25


def _header(oid: int, count: int) -> bytes:
    if not count:
        return struct.pack(">iiI", 0, 0, oid)
    return struct.pack(">iiIii", 1, 0, oid, count, 1)


def _packed_texts(texts: Sequence[str]) -> bytes:
    if not texts:
        return _NO_TEXTS
    parts = [_header(_TEXT, len(texts))]
    for text in texts:
        data = text.encode()
        parts += (len(data).to_bytes(4), data)
    return b"".join(parts)


class _BinaryArrayDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer | None:
        return obj.payload


_NO_TEXTS = _header(_TEXT, 0)
