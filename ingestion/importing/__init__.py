"""From files to the archive: what a file is, where its messages go, and the work itself."""

from ingestion.importing.opening import open_source
from ingestion.importing.work import Work, work_slice

__all__ = ["Work", "open_source", "work_slice"]
