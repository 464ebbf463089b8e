"""The servers that every other test stands on."""

from typing import TYPE_CHECKING

import pytest
from django.db import connection

if TYPE_CHECKING:
    from redis import Redis


@pytest.mark.django_db
def test_the_database_is_a_postgres_that_knows_letters_of_every_script() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("SELECT show_trgm('Привет')")
        assert cursor.fetchone()[0]


def test_the_queues_are_in_an_empty_valkey(valkey: "Redis") -> None:
    import django_rq

    assert django_rq.get_connection("slices").dbsize() == 0
