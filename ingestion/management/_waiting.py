"""Asking Telegram from a command: post the call, let a worker answer it, wait."""

import time
from typing import Any

from django.core.management.base import CommandError

from ingestion import tasks
from ingestion.models import Account
from ingestion.services import calls, workers

#: Seconds between two looks for the answer.
LOOK = 0.2


def ask(account: Account, kind: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answer; `CommandError` with what Telegram said, or that nobody works."""
    if not workers.alive():
        raise CommandError(
            "No worker is alive to ask Telegram. Start the product: `python3 manage.py up`."
        )
    call = calls.post(account=account, kind=kind, arguments=arguments)
    tasks.enqueue_call(call.pk)
    while (result := calls.result(call)).state == "waiting":
        time.sleep(LOOK)
    if result.state != "answered":
        raise CommandError(str(result.error))
    return result.answer
