"""Pages of a list that is ordered by its key, newest first: flat at any depth."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

ModelT = TypeVar("ModelT", bound=Model)

LIMIT = 50


@dataclass(frozen=True)
class KeysetPage(Generic[ModelT]):
    """`older` and `newer` are the cursors of the neighbouring pages, None at the ends."""

    rows: list[ModelT]
    older: int | None
    newer: int | None


def by_key(
    rows: QuerySet[ModelT], *, before: int | None, after: int | None, limit: int = LIMIT
) -> KeysetPage[ModelT]:
    """The rows with keys below `before`, or the nearest above `after`; newest first."""
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
        more_newer = len(found) > limit
        page = found[:limit][::-1]
        more_older = True  # the page that the cursor came from
    else:
        selected = rows if before is None else rows.filter(pk__lt=before)
        found = list(selected.order_by("-pk")[: limit + 1])
        more_older = len(found) > limit
        page = found[:limit]
        more_newer = before is not None
    if not page:
        return KeysetPage([], None, None)
    return KeysetPage(
        page,
        older=page[-1].pk if more_older else None,
        newer=page[0].pk if more_newer else None,
    )


def cursor(request: HttpRequest, name: str) -> int | None:
    """A cursor from the address; one that is not a number is as none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
