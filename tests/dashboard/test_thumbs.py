"""Stripped thumbnails become pictures."""

import base64
from typing import Any

import pytest
from telethon.utils import stripped_photo_to_jpg

from dashboard.thumbs import jpeg, thumbnail

STRIPPED = b"\x01\x10\x20" + bytes(range(40))


def meta(**more: Any) -> dict[str, Any]:
    return {"type": "photo", "thumb": base64.b64encode(STRIPPED).decode(), **more}


def test_the_picture_is_the_one_that_other_clients_show() -> None:
    assert jpeg(STRIPPED) == stripped_photo_to_jpg(STRIPPED)


def test_it_stands_in_the_page_at_the_size_of_its_shape() -> None:
    found = thumbnail(meta(width=1280, height=640))
    assert found
    assert found.src.startswith("data:image/jpeg;base64,/9j/4AAQSkZJRg")
    assert (found.width, found.height) == (184, 92)
    tall = thumbnail(meta(width=100, height=1000))
    assert tall
    assert (tall.width, tall.height) == (46, 92)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"thumb": 5},
        {"thumb": "no base64!"},
        {"thumb": base64.b64encode(b"\x02\x10\x10data").decode()},
        {"thumb": base64.b64encode(b"\x01\x10").decode()},
        {"thumb": base64.b64encode(b"\x01\x10\x10" + b"x" * 9000).decode()},
        meta(spoiler=True),
    ],
)
def test_what_is_none_or_was_covered_shows_none(broken: dict[str, Any] | None) -> None:
    assert thumbnail(broken) is None
