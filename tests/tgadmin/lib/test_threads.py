"""Django's connections in a thread of their own."""

import pytest
from django.db import Error, connection

from tgadmin.lib.threads import DatabaseThread

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


async def test_a_connection_that_broke_is_replaced() -> None:
    async with DatabaseThread("one") as thread, DatabaseThread("other") as other:
        first = await thread(backend)
        assert await thread(backend) == first

        def end() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

        await other(end)
        with pytest.raises(Error):
            await thread(backend)
        assert await thread(backend) != first
