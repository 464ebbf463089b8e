"""A readable copy for a browser, without a server and without a script: a zip of pages, a style and
the media.

Pages hold 500 messages, oldest first, channel after channel, so that a browser opens each at once.
Memory holds one page, and a line of the index for each.
"""

import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from archive.exports.base import Writer
from archive.exports.html import pages
from archive.exports.html.style import STYLE
from archive.exports.media import Files
from archive.exports.options import Options
from archive.exports.reading import Reading
from archive.exports.redaction import Row
from archive.exports.sink import Sink
from archive.exports.zips import Zip

PAGE: Final = 500


class Html:
    name = "html"
    content_type = "application/zip"

    def writer(self, sink: Sink, options: Options) -> Writer:
        return _Site(sink, options)


@dataclass(slots=True)
class _Book:
    """The pages of one channel."""

    key: int
    title: str
    rows: int = 0
    #: The lowest id on each page, and its first and last moment.
    firsts: list[int] = field(default_factory=list)
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def page_of(self, message_id: int) -> int | None:
        """The number of the page that has a message, counted from 0."""
        place = bisect_right(self.firsts, message_id) - 1
        return place if place >= 0 else None


class _Site:
    def __init__(self, sink: Sink, options: Options) -> None:
        self._archive = Zip(sink, zipfile.ZIP_DEFLATED)
        # Pictures and films are compressed already.
        self._archive.compresslevel = 6
        self._options = options
        self._zone = ZoneInfo(options.time_zone)
        self._files = Files(self._archive)
        self._books: list[_Book] = []
        self._archive.writestr("style.css", STYLE)

    def take(self, reading: Reading) -> Iterator[int]:
        book = _Book(reading.channel.pk, reading.channel.title)
        self._books.append(book)
        columns = dict.fromkeys(["message_id", "date", *self._options.columns_of("html")])
        page: list[Row] = []
        with_media = self._options.carries_files
        for rows in reading.rows(columns, with_files=with_media):
            for row in rows:
                if len(page) == PAGE:
                    self._write(reading, book, page, is_last=False)
                    page = []
                page.append(row)
            yield len(rows)
        if page:
            self._write(reading, book, page, is_last=True)
        self._archive.writestr(
            f"channel-{book.key}/index.html",
            pages.contents(book.title, book.rows, self._days(book)),
        )

    def _write(self, reading: Reading, book: _Book, page: list[Row], *, is_last: bool) -> None:
        number = len(book.firsts)
        book.firsts.append(page[0]["message_id"])
        moments = [self._moment(row["date"]) for row in page]
        book.spans.append((min(moments), max(moments)))
        book.rows += len(page)
        parts: list[str] = []
        day = None
        for row, moment in zip(page, moments, strict=True):
            reading.check()
            if moment.date() != day:
                day = moment.date()
                parts.append(pages.day(moment))
            parts.append(pages.message(row, moment, self._media(row), self._reply(book, row)))
        self._archive.writestr(
            f"channel-{book.key}/{number + 1}.html",
            pages.page(book.title, number + 1, "\n".join(parts), is_last=is_last),
        )

    def _moment(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(self._zone)

    def _media(self, row: Row) -> list[tuple[str, dict[str, Any]]]:
        found = [(self._files.add(file), file) for file in row.get("files") or []]
        return [(f"../{path}", file) for path, file in found if path]

    @staticmethod
    def _reply(book: _Book, row: Row) -> str:
        """Where the message is that this one answers; empty when not here."""
        target = (row.get("reply_to") or {}).get("message_id")
        if not isinstance(target, int) or (row["reply_to"] or {}).get("peer_id"):
            return ""
        place = book.page_of(target)
        return "" if place is None else f"{place + 1}.html#m{target}"

    @staticmethod
    def _days(book: _Book) -> list[tuple[str, str]]:
        return [
            (f"{number}.html", f"{first:%Y-%m-%d} – {last:%Y-%m-%d}")
            for number, (first, last) in enumerate(book.spans, 1)
        ]

    def close(self) -> dict[str, Any]:
        listed = [(f"channel-{book.key}/index.html", book.title, book.rows) for book in self._books]
        self._archive.writestr("index.html", pages.index(listed))
        self._archive.close()
        self._files.close()
        return {
            "pages": sum(len(book.firsts) for book in self._books),
            "media": len(self._files),
            "media_missing": self._files.missing,
        }
