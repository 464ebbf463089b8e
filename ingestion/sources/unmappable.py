"""What a reader of files says of a message that it cannot read: it is kept, and read again after an
update.
"""

from ingestion.errors import DataError

#: Characters of what Python says of it; some of its errors hold the whole value.
_MAX_REASON = 200


def unmappable(error: Exception) -> DataError:
    """For a message that `error` kept from being read. Raise it from that."""
    return DataError(
        "UNMAPPABLE",
        "A message could not be read: %(kind)s: %(reason)s.",
        "It is kept as it came and can be read again after an update.",
        kind=type(error).__name__,
        reason=str(error)[:_MAX_REASON],
    )


def untrue(field: str) -> DataError:
    """For a message with something in `field` that can be true of none."""
    return DataError(
        "UNMAPPABLE",
        "A message could not be read: its %(field)s cannot be true.",
        "It is kept as it came and can be read again after an update.",
        field=field,
    )
