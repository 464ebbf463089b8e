"""tgadmin's own JSON Lines, with the manifest that lies beside a complete export."""

from ingestion.sources.jsonl.lines import JsonLines
from ingestion.sources.jsonl.manifest import Original, read_manifest

__all__ = ["JsonLines", "Original", "read_manifest"]
