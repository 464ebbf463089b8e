from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from archive.models import Export
from ingestion.models import Channel
from tests.factories import make_channel


@pytest.fixture
def export_dir(tmp_path: Path, settings: Settings) -> Path:
    """Return the export directory of this test; services make it when they need it."""
    settings.EXPORT_DIR = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def channel(db: None) -> Channel:
    return make_channel(username="news", title="News")


@pytest.fixture
def make_export(channel: Channel) -> Callable[..., Export]:
    """Return a maker of queued exports of the channel."""

    def make(format: str = "jsonl", **fields: Any) -> Export:  # noqa: A002
        return Export.objects.create(
            workspace=channel.workspace, channel=channel, format=format, **fields
        )

    return make
