"""Downloading files of messages from Telegram, in slices like those of runs."""

from ingestion.downloads.slice import work_slice

__all__ = ["work_slice"]
