"""A workbook for Excel, written row by row; memory stays as it is, whatever the number of rows.

A sheet holds 1,048,576 rows, a cell 32,767 characters
(https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3):
rows go on in the next sheet, and a longer text is cut, which the manifest counts. Nothing becomes a
formula, a link or a number that was a text.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from archive.exports import fields, files
from archive.exports.base import Writer
from archive.exports.options import Options
from archive.exports.reading import Reading, as_table
from archive.exports.sink import Sink, as_file

#: With the line of names.
SHEET_ROWS: Final = 1_048_576
CELL: Final = 32_767
_CUT: Final = "…"
#: Excel counts days from 1900, and believes that year to have had a 29th of February
#: (https://learn.microsoft.com/en-us/office/troubleshoot/excel/wrongly-assumes-1900-is-leap-year):
#: what is older is a text.
_FIRST: Final = datetime(1900, 3, 1)  # noqa: DTZ001, Excel knows no zones
#: Excel's numbers have 15 digits: what is longer stays a text.
_LONG: Final = frozenset({"peer_id", "grouped_id"})
_WIDTHS: Final = {"text": 80, "date": 19, "edit_date": 19, "deleted_at": 19, "first_seen_at": 19}


class Xlsx:
    name = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def writer(self, sink: Sink, options: Options) -> Writer:
        return _Book(sink, options)


class _Book:
    def __init__(self, sink: Sink, options: Options) -> None:
        import xlsxwriter  # noqa: PLC0415, the web never writes a workbook

        self._columns = options.columns_of("xlsx")
        self._zone = ZoneInfo(options.time_zone)
        #: Where its library keeps sheets until the end.
        self._folder = files.Folder()
        self._book = xlsxwriter.Workbook(
            as_file(sink),
            {
                "constant_memory": True,
                "tmpdir": str(self._folder.path),
                "use_zip64": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd hh:mm:ss",
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._cells = [self._cell_of(name) for name in self._columns]
        self._sheets = 0
        self._cut = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = "messages" if self._sheets == 1 else f"messages {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, _WIDTHS.get(column, 12))
            self._sheet.write_string(0, place, column, self._bold)
        self._line = 1

    def take(self, reading: Reading) -> Iterator[int]:
        for rows in reading.rows(self._columns):
            for row in rows:
                if self._line >= SHEET_ROWS:
                    self._begin_sheet()
                table = as_table(row, self._columns)
                for place, (name, write) in enumerate(zip(self._columns, self._cells, strict=True)):
                    value = table[name]
                    if value is not None and value != "":
                        write(place, value)
                self._line += 1
            yield len(rows)

    def _cell_of(self, name: str) -> Callable[[int, Any], None]:
        kind = fields.BY_NAME[name].type
        if kind == "time":
            return self._time
        if name == "revisions" or (kind in {"integer", "count"} and name not in _LONG):
            return self._number
        return self._text

    def _time(self, place: int, value: str) -> None:
        # Excel knows no zones.
        moment = datetime.fromisoformat(value).astimezone(self._zone).replace(tzinfo=None)
        if moment < _FIRST:
            self._sheet.write_string(self._line, place, moment.isoformat(" "))
            return
        self._sheet.write_datetime(self._line, place, moment)

    def _number(self, place: int, value: int) -> None:
        self._sheet.write_number(self._line, place, value)

    def _text(self, place: int, value: Any) -> None:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            text = " ".join(value)
        elif isinstance(value, dict | list):
            text = orjson.dumps(value).decode()
        else:
            text = str(value)
        if len(text.encode("utf-16-le")) // 2 > CELL:
            self._cut += 1
            text = text.encode("utf-16-le")[: (CELL - 1) * 2].decode("utf-16-le", "ignore") + _CUT
        if text:
            self._sheet.write_string(self._line, place, text)

    def close(self) -> dict[str, Any]:
        self._book.close()
        self._folder.close()
        return {"sheets": self._sheets, "cells_cut": self._cut}
