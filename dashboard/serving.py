"""Answering a request for a file of a message.

What people send to a channel may be a page with a script. So nothing but pictures, films and sound
is shown at all, under a type that was read from its bytes; everything else is a download. And
whatever a browser makes of it, the policy on the answer leaves it no origin and no script.
"""

from collections.abc import Iterator
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from ingestion.media import store
from ingestion.models import StoredFile
from tgadmin.lib import byteranges

#: Types that a page shows by itself.
SHOWN: Final = frozenset(
    {
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"),
        *("video/mp4", "video/webm"),
        *("audio/mpeg", "audio/ogg", "audio/mp4", "audio/flac", "audio/wav"),
    }
)
_DOWNLOAD: Final = "application/octet-stream"
POLICY: Final = (
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
)
#: A file never changes under its name; who logs out must not find it in a shared cache.
CACHE: Final = "private, max-age=31536000, immutable"
_BLOCK: Final = 256 * 1024


def respond(
    request: HttpRequest, file: StoredFile, *, name: str, copy: str = "", as_download: bool = False
) -> HttpResponseBase:
    """The file, a copy of it, or what HTTP says instead (206, 304, 412, 416).

    The caller has authorised the request. A file that is gone from the store does not exist
    (`Http404`).
    """
    etag = f'"{file.sha256}{copy}"'
    answer = get_conditional_response(request, etag=etag) or _body(request, file, copy, etag)
    mime = "image/webp" if copy else file.mime
    shown = mime in SHOWN and not as_download
    if answer.status_code in (200, 206):
        answer["Content-Type"] = mime if shown else _DOWNLOAD
        disposition = content_disposition_header(as_attachment=not shown, filename=name)
        if disposition:
            answer["Content-Disposition"] = disposition
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = CACHE
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _body(request: HttpRequest, file: StoredFile, copy: str, etag: str) -> HttpResponseBase:
    try:
        size = store.size_of(file, copy) if copy else file.size
        found = _asked(request, size, etag)
        if request.method == "HEAD":
            answer: HttpResponseBase = HttpResponse()
        else:
            whole = byteranges.Range(0, size - 1)
            opened = store.open_part(file, copy, found or whole) if size else None
            answer = StreamingHttpResponse(_Blocks(opened), status=206 if found else 200)
    except FileNotFoundError as error:
        raise Http404 from error
    except byteranges.UnsatisfiableError:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
        return answer
    answer["Content-Length"] = str(found.length if found else size)
    if found:
        answer["Content-Range"] = f"bytes {found.first}-{found.last}/{size}"
    return answer


def _asked(request: HttpRequest, size: int, etag: str) -> byteranges.Range | None:
    """A range counts for GET alone, and only for the file that the client has the beginning of
    (If-Range; we give no dates, so none can match).
    """
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    return byteranges.asked(request.headers.get("Range", ""), size)


class _Blocks:
    """An open file, a block at a time; closed with the answer, also when nobody reads it."""

    def __init__(self, opened: store.Readable | None) -> None:
        self._opened = opened

    def __iter__(self) -> Iterator[bytes]:
        while self._opened and (data := self._opened.read(_BLOCK)):
            yield data

    def close(self) -> None:
        if self._opened:
            self._opened.close()
