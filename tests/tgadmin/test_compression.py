"""Pages are compressed on the wire; what is downloaded is not."""

import pytest
from django.http import HttpRequest, HttpResponse

from tgadmin.middleware import GZipPagesMiddleware


@pytest.mark.parametrize(
    ("content_type", "encoding"), [("text/html; charset=utf-8", "gzip"), ("text/csv", None)]
)
def test_only_pages_are_compressed(content_type: str, encoding: str | None) -> None:
    answer = HttpResponse("word " * 500, content_type=content_type)
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = "gzip"
    sent = GZipPagesMiddleware(lambda _: answer).process_response(request, answer)
    assert sent.headers.get("Content-Encoding") == encoding
