"""Reading messages: the newest, and those that hold given words. Fast at any depth."""

from archive.filters import Filters
from archive.limits import TooSlow, limited
from archive.search._albums import Album, albums
from archive.search._around import around
from archive.search._cursor import cursor_at
from archive.search._facets import Count, Facets, facets
from archive.search._find import find, newest
from archive.search._results import Results
from archive.search.highlight import Piece, excerpt, pieces

__all__ = [
    "Album",
    "Count",
    "Facets",
    "Filters",
    "Piece",
    "Results",
    "TooSlow",
    "albums",
    "around",
    "cursor_at",
    "excerpt",
    "facets",
    "find",
    "limited",
    "newest",
    "pieces",
]
