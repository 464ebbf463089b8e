"""What t.me shows of public channels to everybody, without a login (t.me/s/name)."""

from ingestion.sources.web_preview.client import WebPreview

__all__ = ["WebPreview"]
