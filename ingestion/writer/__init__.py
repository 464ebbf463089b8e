"""Records → PostgreSQL: one batch, one transaction."""

from ingestion.writer.batch import Batch, Claim, Outcome, RunClaim
from ingestion.writer.write import weigh, write

__all__ = ["Batch", "Claim", "Outcome", "RunClaim", "weigh", "write"]
