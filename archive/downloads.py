"""Answering a request for an export's file: whole or one range, from the disk, a block at a time.

Ranges as in https://www.rfc-editor.org/rfc/rfc9110#section-14; several at once are answered with
the whole file, which the standard allows.
"""

import fcntl
import re
from dataclasses import dataclass
from typing import IO, Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from archive.exports import FORMATS
from archive.models import Export

_RANGE: Final = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII | re.IGNORECASE)
#: More digits than a file has bytes; `int` refuses thousands of them.
_DIGITS: Final = 18


#: https://www.rfc-editor.org/rfc/rfc6713
_GZIP: Final = "application/gzip"


class _Download(FileResponse):
    block_size = 256 * 1024


class _Part:
    """`length` bytes of a file from where it stands."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class _Range:
    """Both ends included."""

    first: int
    last: int


class _Unsatisfiable(Exception):
    """The range lies beyond the file."""


def respond(request: HttpRequest, export: Export) -> HttpResponseBase:
    """The file, or what HTTP says instead of it (206, 304, 412, 416).

    The caller has authorised the request. An export that is not done does not exist (`Http404`);
    one whose file was removed from the disk is gone (410).
    """
    if export.state == Export.State.EXPIRED:
        return _gone()
    if export.state != Export.State.DONE:
        raise Http404
    etag = f'"{export.sha256}"'
    answer = get_conditional_response(request, etag=etag) or _file(request, export, etag)
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _gone() -> HttpResponse:
    return HttpResponse(
        _("The file of this export is no longer on the disk. Make the export again."),
        status=410,
        content_type="text/plain; charset=utf-8",
    )


def _file(request: HttpRequest, export: Export, etag: str) -> HttpResponseBase:
    try:
        file = export.path.open("rb")
    except FileNotFoundError:
        return _gone()
    # Whoever deletes files whose time has come leaves alone what is being read
    # (`archive.exports.expiry`); the lock goes when the file is closed.
    fcntl.flock(file, fcntl.LOCK_SH)
    try:
        asked = _asked_range(request, export.size, etag)
    except _Unsatisfiable:
        file.close()
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{export.size}"
        return refused
    content_type = _GZIP if export.gzip else FORMATS[export.format].content_type
    answer: HttpResponseBase
    if request.method == "HEAD":
        file.close()
        answer = HttpResponse(content_type=content_type)
        answer["Content-Length"] = str(export.size)
    elif asked:
        file.seek(asked.first)
        length = asked.last - asked.first + 1
        answer = _Download(_Part(file, length), status=206, content_type=content_type)
        answer["Content-Length"] = str(length)
        answer["Content-Range"] = f"bytes {asked.first}-{asked.last}/{export.size}"
    else:
        answer = _Download(file, content_type=content_type)
        answer["Content-Length"] = str(export.size)
    answer["Accept-Ranges"] = "bytes"
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=export.download_name
    )
    return answer


def _asked_range(request: HttpRequest, size: int, etag: str) -> _Range | None:
    """None: all of it. Raises `_Unsatisfiable`.

    A range counts for GET alone, and only for the file that the client has the beginning of
    (If-Range; we give no dates, so none can match).
    """
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or max(map(len, match.groups())) > _DIGITS:
        return None
    first, last = match.groups()
    if first:
        found = _Range(int(first), min(int(last), size - 1) if last else size - 1)
        if last and int(last) < int(first):
            return None  # not a range at all
    elif last:
        found = _Range(max(size - int(last), 0), size - 1)
    else:
        return None
    if found.first > found.last:
        raise _Unsatisfiable
    return found
