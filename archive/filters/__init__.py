"""Which messages: what the list is filtered by, and what an export takes."""

from archive.filters.chosen import Filters, Parsed
from archive.filters.matching import Matching, matching
from archive.filters.query import read
from archive.filters.sql import BOUNDS, CONDITIONS, filled
from archive.query import KINDS

__all__ = [
    "BOUNDS",
    "CONDITIONS",
    "KINDS",
    "Filters",
    "Matching",
    "Parsed",
    "filled",
    "matching",
    "read",
]
