"""How much is stored is known without adding up every file."""

import pytest
from django.db.models import Sum

from ingestion.media import space, upkeep
from ingestion.models import StoredFile, StoredSum
from tests.dashboard.stored import store_bytes

pytestmark = pytest.mark.django_db


def added_up() -> int:
    return int(StoredFile.objects.aggregate(size=Sum("size", default=0))["size"])


def test_the_sum_follows_every_file_that_comes_and_goes() -> None:
    assert space.room().stored == 0
    first = store_bytes(b"one of twenty bytes.")
    second = store_bytes(b"another")
    assert space.room().stored == added_up() == 27
    assert store_bytes(b"another") == second  # it is here already
    assert space.room().stored == 27
    # What was damaged and is stored anew is the same file.
    StoredFile.objects.update(problem="damaged")
    store_bytes(b"another")
    assert space.room().stored == added_up() == 27
    assert upkeep.collect(first)
    assert not upkeep.collect(first)
    assert space.room().stored == added_up() == 7


def test_the_tick_makes_one_row_of_many() -> None:
    space.fold()
    assert not StoredSum.objects.exists()
    for size in (5, 20, -5):
        space.note(size)
    space.fold()
    (row,) = StoredSum.objects.all()
    assert row.bytes == space.room().stored == 20
    space.fold()
    assert StoredSum.objects.get() == row
