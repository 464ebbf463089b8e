"""Pages of t.me that other people saved; what must come of them is counted by other means."""

import asyncio
import re
from pathlib import Path

import pytest

from ingestion.errors import AccessError
from ingestion.sources.base import ChannelAddress
from ingestion.sources.web_preview import WebPreview

pytestmark = pytest.mark.real_data

HERE = ChannelAddress(-1, 0)


def test_every_saved_page_is_read_or_explained(real_data: Path) -> None:
    pages = sorted((real_data / "web_preview").glob("*.html"))
    assert len(pages) == 11
    for path in pages:
        html = path.read_text()
        source = WebPreview("name", lambda _, html=html: html, base_url="https://t.me")  # type: ignore[misc]
        blocks = re.findall(r'data-post="[^"/]+/(\d+)"', html)
        if not blocks:
            with pytest.raises(AccessError):
                asyncio.run(source.page(HERE, low=1, high=None))
            continue
        ids = {int(one) for one in blocks} | {
            int(one) for one in re.findall(r'href="https://t\.me/\w+/(\d+)\?single"', html)
        }
        page = asyncio.run(source.page(HERE, low=1, high=None))
        assert {one.message_id for one in page.records} == ids
        assert page.unparsed == []
        assert all(one.views for one in page.records)
        dates = set(re.findall(r'<time datetime="([^"]+)"', html))
        assert {one.date.isoformat() for one in page.records} == dates
