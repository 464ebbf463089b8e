"""The tests mirror the tree; what several share is rewritten so that its asserts speak."""

import pytest

pytest.register_assert_rewrite("tests.ingestion.world")
