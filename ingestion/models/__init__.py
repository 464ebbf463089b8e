from ingestion.models.accounts import Account, AccountCall, AccountLease, FloodWait
from ingestion.models.channels import Channel, ChannelAccess, ChannelTotals, Coverage
from ingestion.models.messages import (
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Quarantine,
)
from ingestion.models.runs import SyncRun
from ingestion.models.workers import WorkerHeartbeat

__all__ = [
    "Account",
    "AccountCall",
    "AccountLease",
    "Channel",
    "ChannelAccess",
    "ChannelTotals",
    "Coverage",
    "FloodWait",
    "Message",
    "MessageRaw",
    "MessageRevision",
    "MessageStats",
    "Quarantine",
    "SyncRun",
    "WorkerHeartbeat",
]
