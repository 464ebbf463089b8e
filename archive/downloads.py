"""Answering a request for an export's file: whole or one range, from the disk, a block at a time.

Ranges as in https://www.rfc-editor.org/rfc/rfc9110#section-14; several at once are answered with
the whole file, which the standard allows.
"""

import fcntl
from typing import Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from archive.exports import FORMATS
from archive.models import Export
from tgadmin.lib import byteranges

#: By the file's last suffix; others have that of their format
#: (https://www.rfc-editor.org/rfc/rfc6713, https://www.rfc-editor.org/rfc/rfc8878).
_PACKED: Final = {"gz": "application/gzip", "zst": "application/zstd", "zip": "application/zip"}


class _Download(FileResponse):
    block_size = 256 * 1024


def respond(request: HttpRequest, export: Export) -> HttpResponseBase:
    """The file, or what HTTP says instead of it (206, 304, 412, 416).

    The caller has authorised the request. An export that is not done does not exist (`Http404`);
    one whose file was removed from the disk is gone (410).
    """
    if export.state == Export.State.EXPIRED:
        return _gone()
    if export.state != Export.State.DONE or not export.file_name:
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
    except byteranges.UnsatisfiableError:
        file.close()
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{export.size}"
        return refused
    packed = _PACKED.get(export.suffix.rpartition(".")[2])
    content_type = packed or FORMATS[export.format].content_type
    answer: HttpResponseBase
    if request.method == "HEAD":
        file.close()
        answer = HttpResponse(content_type=content_type)
        answer["Content-Length"] = str(export.size)
    elif asked:
        file.seek(asked.first)
        length = asked.length
        answer = _Download(byteranges.Part(file, length), status=206, content_type=content_type)
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


def _asked_range(request: HttpRequest, size: int, etag: str) -> byteranges.Range | None:
    """None: all of it. Raises `byteranges.UnsatisfiableError`.

    A range counts for GET alone, and only for the file that the client has the beginning of
    (If-Range; we give no dates, so none can match).
    """
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    return byteranges.asked(request.headers.get("Range", ""), size)
