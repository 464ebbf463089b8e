"""A Telegram with files of every kind, and an archive whose channels are downloaded."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.models import Channel
from sandbox.testing import SandboxProcess
from tests.ingestion.media.library import Library, messages
from tests.ingestion.world import World


@pytest.fixture(scope="session")
def library_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder = tmp_path_factory.mktemp("media")
    world = folder / "world.json"
    shared = {"kind": "document", "size": 40_000, "mime": "application/pdf", "seed": 99}
    channels: list[dict[str, Any]] = [
        {
            "id": 1_600_000_001,
            "title": "Files",
            "kind": "broadcast",
            "username": "files_of_all",
            "messages": messages(),
        },
    ]
    channels += [
        {
            "id": 1_600_000_010 + n,
            "title": f"Copy {n}",
            "kind": "broadcast",
            "username": f"copy_{n}",
            "messages": [
                {
                    "id": 1,
                    "date": 1_750_000_000,
                    "media": {**shared, "id": 7_000 + n, "file_name": "same.pdf"},
                }
            ],
        }
        for n in range(10)
    ]
    world.write_text(json.dumps({"channels": channels}))
    with SandboxProcess(folder / "sb", world=world) as sandbox:
        yield sandbox


@pytest.fixture
def library(
    library_sandbox: SandboxProcess,
    connect_to: Callable[[SandboxProcess], World],
    settings: Any,
    tmp_path: Path,
) -> Library:
    library_sandbox.clear_faults()
    settings.MEDIA_DIR = tmp_path / "media"
    settings.MEDIA_FREE_FLOOR = 0
    settings.STORAGES = {
        **settings.STORAGES,
        "media-local": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media" / "store"},
        },
    }
    return Library(connect_to(library_sandbox))


@pytest.fixture
def channel(library: Library) -> Channel:
    """The channel with a file of every kind, archived and not downloaded."""
    return library.archived("files_of_all")
