"""Exports of Telegram Desktop (https://telegram.org/blog/export-and-more), JSON and HTML."""

from ingestion.sources.desktop.html_export import HtmlExport, pages_of
from ingestion.sources.desktop.json_export import JsonExport

__all__ = ["HtmlExport", "JsonExport", "pages_of"]
