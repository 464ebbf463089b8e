"""`manage.py demo_setup`: what `up --demo` does once its sandbox and workers run."""

import subprocess
import sys
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.management._common import workspace
from ingestion.management._waiting import ask
from ingestion.models import Account, Channel
from ingestion.services import accounts, channels, runs


class Command(BaseCommand):
    help = "Connects the demo's account and adds its channels; the first is synced."

    def handle(self, *, verbosity: int, **_: Any) -> None:
        if not settings.TGADMIN_DEMO:
            raise CommandError("This is for the demo: `python3 manage.py up --demo`.")
        status = self._status()
        account = Account.objects.filter(state=Account.State.READY).first() or self._login(status)
        if Channel.objects.exists():
            return
        added = [
            channel
            for item in status["channels"]
            if item["username"] and (channel := self._add(account, item["username"]))
        ]
        self._read_list(account)
        if verbosity:
            print(f"The demo's account is connected; {len(added)} channels were added.")
        if added:
            runs.request_sync(channel=added[0])
            tasks.enqueue_due()

    def _read_list(self, account: Account) -> None:
        """What the account is in, a channel without a name included, to be added from there."""
        try:
            ask(account, "dialogs")
        except CommandError as error:
            print(f"The list of the demo's account was not read: {error}")

    def _status(self) -> dict[str, Any]:
        """The sandbox is a program of its own: it is asked as anybody would."""
        directory = settings.TGADMIN_DATA_DIR / "sandbox"
        answer = subprocess.run(
            [sys.executable, "-m", "sandbox", "status", "--json", "--data", directory],
            capture_output=True,
            check=False,
            cwd=settings.BASE_DIR,
        )
        if answer.returncode:
            raise CommandError(f"The sandbox does not answer: {answer.stderr.decode()}")
        status: dict[str, Any] = orjson.loads(answer.stdout)
        return status

    def _login(self, status: dict[str, Any]) -> Account:
        """As a person does: phone, code, and the password where there is one."""
        phone = status["accounts"][0]
        app = status["apps"][0]
        account = accounts.create(
            workspace=workspace(),
            phone=phone["phone"],
            api_id=app["api_id"],
            api_hash=app["api_hash"],
            label="Demo reader",
        )
        ask(account, "send_code")
        if ask(account, "sign_in", {"code": phone["code"]}).get("password_needed"):
            ask(account, "check_password", {"password": phone["password"]})
        account.refresh_from_db()
        return account

    def _add(self, account: Account, username: str) -> Channel | None:
        try:
            ref = channels.check_new(workspace=account.workspace, text=username)
            answer = ask(account, "add_channel", {"ref": str(ref)})
        except (IngestionError, CommandError) as error:
            print(f"@{username} was not added: {error}")
            return None
        return Channel.objects.get(pk=answer["channel_id"])
