"""How much may be asked of Telegram with an account: learned, capped, and said in words.

One holder at a time has an account's connection, so its budget is rows that the holder reads when
it connects and writes while it works: `Gate`. Every request passes it (`sources.mtproto.wire`), of
whatever kind and whoever wants it.
"""

from ingestion.budget.gate import SHORT_WAIT, Gate
from ingestion.budget.pace import CAPS, Pace, cap
from ingestion.budget.store import check_quiet_hours, may_resolve, quiet_until, spent_until

__all__ = [
    "CAPS",
    "SHORT_WAIT",
    "Gate",
    "Pace",
    "cap",
    "check_quiet_hours",
    "may_resolve",
    "quiet_until",
    "spent_until",
]
