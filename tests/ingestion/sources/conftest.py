"""Real data, kept beside the checkout and never in it."""

from pathlib import Path

import pytest

REAL_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real Telegram data, or skip."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"there is no folder of real data at ../{REAL_DATA.parent.name}/data")
    return REAL_DATA
