"""Imports of the commands go to the default workspace."""

import pytest

from tests.ingestion.sources.conftest import real_data
from workspaces.models import Workspace
from workspaces.services import default_workspace

__all__ = ["real_data"]


@pytest.fixture(autouse=True)
def workspace(request: pytest.FixtureRequest) -> Workspace:
    """The workspace that commands work on."""
    request.getfixturevalue("transactional_db")
    return default_workspace()
