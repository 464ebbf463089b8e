"""Taking an export: what HTTP asks of a file, ranges included."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.test import RequestFactory

from archive.downloads import respond
from archive.models import Export

pytestmark = pytest.mark.django_db

DATA = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def export(make_export: Callable[..., Export], export_dir: Path) -> Export:
    export_dir.mkdir()
    (export_dir / "export-1.csv").write_bytes(DATA)
    return make_export("csv", state="done", file_name="export-1.csv", size=len(DATA), sha256=SHA256)


def get(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def body(response: HttpResponseBase) -> bytes:
    data = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    response.close()
    return bytes(data)


def test_the_whole_file_is_an_attachment(export: Export) -> None:
    response = respond(get(), export)
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(DATA))
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    name = f"news-{export.created_at.date()}.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{SHA256}"'
    assert response["Cache-Control"] == "private, no-cache"
    assert isinstance(response, FileResponse)
    assert body(response) == DATA


def test_a_name_beyond_ascii_is_encoded(export: Export) -> None:
    assert export.channel
    export.channel.username, export.channel.title = "", "Новини"
    response = respond(get(), export)
    assert "filename*=utf-8''%D0%BD%D0%BE" in response["Content-Disposition"]
    response.close()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=1023000-", 1_023_000, len(DATA) - 1),
        ("bytes=-10", len(DATA) - 10, len(DATA) - 1),
        ("bytes=-99999999", 0, len(DATA) - 1),
        ("bytes=5-99999999", 5, len(DATA) - 1),
    ],
)
def test_one_range(export: Export, asked: str, first: int, last: int) -> None:
    response = respond(get(Range=asked), export)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == DATA[first : last + 1]


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=-",
        "bytes=9-5",
        "lines=1-2",
        "bytes=a-b",
        "bytes=" + "9" * 5000 + "-",
        "bytes=٣-٤",
        "",
    ],
)
def test_what_is_no_single_range_gets_the_whole_file(export: Export, asked: str) -> None:
    response = respond(get(Range=asked), export)
    assert response.status_code == 200
    assert body(response) == DATA


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_not_satisfiable(export: Export, asked: str) -> None:
    response = respond(get(Range=asked), export)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(DATA)}"
    assert body(response) == b""


def test_a_range_of_another_file_gets_the_whole_one(export: Export) -> None:
    same = respond(get(Range="bytes=0-9", If_Range=f'"{SHA256}"'), export)
    other = respond(get(Range="bytes=0-9", If_Range='"other"'), export)
    dated = respond(get(Range="bytes=0-9", If_Range="Fri, 01 May 2026 12:00:00 GMT"), export)
    assert [r.status_code for r in (same, other, dated)] == [206, 200, 200]
    for response in (same, other, dated):
        response.close()


def test_who_has_it_already_is_told_so(export: Export) -> None:
    response = respond(get(If_None_Match=f'"{SHA256}"'), export)
    assert response.status_code == 304
    assert body(response) == b""
    assert respond(get(If_Match='"other"'), export).status_code == 412


def test_head_tells_all_but_the_file(export: Export) -> None:
    response = respond(RequestFactory().head("/", headers={"Range": "bytes=0-9"}), export)
    assert response.status_code == 200
    assert response["Content-Length"] == str(len(DATA))
    assert response["ETag"] == f'"{SHA256}"'
    assert "attachment" in response["Content-Disposition"]
    assert body(response) == b""


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_what_is_not_whole_does_not_exist(
    make_export: Callable[..., Export], export_dir: Path, state: str
) -> None:
    with pytest.raises(Http404):
        respond(get(), make_export(state=state))


def test_a_file_that_was_removed_from_the_disk_is_gone(export: Export) -> None:
    export.path.unlink()
    response = respond(get(), export)
    assert response.status_code == 410
    assert b"Make the export again" in body(response)


def test_a_big_file_is_read_in_blocks(export: Export) -> None:
    for response in (respond(get(), export), respond(get(Range="bytes=1-"), export)):
        sizes = [len(block) for block in response]
        assert max(sizes) <= 256 * 1024
        assert len(sizes) > 2
        response.close()
