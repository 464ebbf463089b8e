"""How long a search may take on the server, and what is said when that is over."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg import errors

from ingestion.errors import IngestionError


class TooSlow(IngestionError):
    """PostgreSQL was told to stop at the limit, and stopped."""

    def __init__(self, milliseconds: int) -> None:
        super().__init__(
            "SEARCH_TOO_SLOW",
            "This search was stopped after %(seconds)s seconds: it has to read too many messages.",
            "Choose channels or days, add a word, or have it made as an export, which takes its "
            "time.",
            seconds=milliseconds / 1000,
        )


@contextmanager
def limited(milliseconds: int) -> Iterator[None]:
    """Statements inside are cancelled by the server when one of them takes longer: `TooSlow`.
    What was asked before and comes after is not touched.
    """
    within_another = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield
            if within_another:  # the limit would outlive this block
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            raise TooSlow(milliseconds) from error
        raise
