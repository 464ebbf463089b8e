"""What every kind of call works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ingestion.models import Account
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.threads import DatabaseThread

#: What is posted with a call, and what comes back: a JSON object.
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """An account's connection in the hands of its holder."""

    account: Account
    session: TelegramSession
    database: DatabaseThread


Handler = Callable[[Line, Answer], Awaitable[Answer]]
