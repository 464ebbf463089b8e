"""Records → PostgreSQL: one batch, one transaction."""

from ingestion.writer.batch import Batch, Outcome, RunClaim
from ingestion.writer.write import weigh, write

__all__ = ["Batch", "Outcome", "RunClaim", "weigh", "write"]
