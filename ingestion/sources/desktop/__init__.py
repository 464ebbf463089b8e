"""Exports of Telegram Desktop (https://telegram.org/blog/export-and-more), JSON and HTML."""

from ingestion.sources.desktop.json_export import JsonExport

__all__ = ["JsonExport"]
