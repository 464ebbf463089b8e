from ingestion.models.accounts import (
    Account,
    AccountCall,
    AccountClaim,
    AccountKey,
    AccountLease,
    AccountRequests,
    Dialog,
    FloodWait,
    KnownChannel,
)
from ingestion.models.adding import Adding, AddingLine
from ingestion.models.around import ChannelAdmin, ForumTopic, PinnedMessage
from ingestion.models.backfills import Backfill
from ingestion.models.budget import AccountBudget
from ingestion.models.channels import (
    Channel,
    ChannelAccess,
    ChannelChange,
    ChannelPhoto,
    ChannelTotals,
    Coverage,
    MemberCount,
)
from ingestion.models.counters import ChannelReading, CounterSnapshot
from ingestion.models.imports import Import
from ingestion.models.letting_go import ForgottenPerson, LetGo
from ingestion.models.live import AccountListener, ChannelLive
from ingestion.models.media import MediaLine, MediaPolicy, Medium, StoredFile, StoredSum
from ingestion.models.messages import (
    DeletedHow,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Quarantine,
)
from ingestion.models.proxies import Proxy, RoadCheck
from ingestion.models.qr import QrCode
from ingestion.models.remapping import Remapping
from ingestion.models.runs import RunEvent, SyncRun
from ingestion.models.senders import PeoplePolicy, Sender, SenderChange
from ingestion.models.workers import WorkerHeartbeat

__all__ = [
    "Account",
    "AccountBudget",
    "AccountCall",
    "AccountClaim",
    "AccountKey",
    "AccountLease",
    "AccountListener",
    "AccountRequests",
    "Adding",
    "AddingLine",
    "Backfill",
    "Channel",
    "ChannelAccess",
    "ChannelAdmin",
    "ChannelChange",
    "ChannelLive",
    "ChannelPhoto",
    "ChannelReading",
    "ChannelTotals",
    "CounterSnapshot",
    "Coverage",
    "DeletedHow",
    "Dialog",
    "FloodWait",
    "ForgottenPerson",
    "ForumTopic",
    "Import",
    "KnownChannel",
    "LetGo",
    "MediaLine",
    "MediaPolicy",
    "Medium",
    "MemberCount",
    "Message",
    "MessageRaw",
    "MessageRevision",
    "MessageStats",
    "PeoplePolicy",
    "PinnedMessage",
    "Proxy",
    "QrCode",
    "Quarantine",
    "Remapping",
    "RoadCheck",
    "RunEvent",
    "Sender",
    "SenderChange",
    "StoredFile",
    "StoredSum",
    "SyncRun",
    "WorkerHeartbeat",
]
