"""`manage.py accounts login|import|list|dialogs`: Telegram accounts from a terminal."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingestion.errors import IngestionError
from ingestion.management._common import account_from, print_json, print_table, workspace
from ingestion.management._waiting import ask
from ingestion.models import Account
from ingestion.services import accounts
from ingestion.services import dialogs as service

#: How often a mistyped code or password may be corrected.
TRIES = 3


class Command(BaseCommand):
    help = "Connects Telegram accounts and lists them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        login = actions.add_parser("login", help="connect an account: phone, code, password")
        login.add_argument("--phone", help="with its country code")
        login.add_argument("--api-id", type=int, help="from https://my.telegram.org")
        login.add_argument("--api-hash", help="from https://my.telegram.org")
        login.add_argument("--label", default="", help="a name of your own for it")
        login.add_argument("--code", help="asked for when missing")
        login.add_argument("--password", help="the two-step password; asked for when missing")
        taking = actions.add_parser(
            "import", help="connect an account with a Telethon string session, read from stdin"
        )
        taking.add_argument("--api-id", type=int, help="from https://my.telegram.org")
        taking.add_argument("--api-hash", help="from https://my.telegram.org")
        taking.add_argument("--label", default="", help="a name of your own for it")
        listing = actions.add_parser("list", help="the accounts")
        listing.add_argument("--json", action="store_true")
        dialogs = actions.add_parser("dialogs", help="the channels that an account is in")
        dialogs.add_argument(
            "account", nargs="?", metavar="ACCOUNT", help="phone number, label or number"
        )
        dialogs.add_argument("--search", default="", help="only titles and names that hold this")
        dialogs.add_argument(
            "--known", action="store_true", help="as last read, without asking Telegram"
        )
        form = dialogs.add_mutually_exclusive_group()
        form.add_argument("--csv", action="store_true", help="all of them, with access hashes")
        form.add_argument("--json", action="store_true", help="all of them, with access hashes")

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            getattr(self, "take" if action == "import" else action)(**options)
        except EOFError as error:
            raise CommandError(
                "Something was to be typed, and there is nobody to type it. Give it as an option; "
                "`manage.py accounts login --help` lists them."
            ) from error

    def login(self, *, label: str, code: str | None, password: str | None, **options: Any) -> None:
        try:
            account = accounts.create(
                workspace=workspace(),
                phone=options["phone"] or input("Phone number, with its country code: "),
                api_id=options["api_id"] or int(input("api_id (https://my.telegram.org): ")),
                api_hash=options["api_hash"] or getpass.getpass("api_hash: "),
                label=label,
            )
        except (IngestionError, ValueError) as error:
            raise CommandError(str(error)) from error
        sent = ask(account, "send_code")
        print(f"Telegram has sent a code ({sent['sent_by']}).")
        answer = self._tried(account, "sign_in", "code", code, input)
        if answer.get("password_needed"):
            hint = f" (hint: {answer['hint']})" if answer.get("hint") else ""
            print(f"This account has a two-step password{hint}.")
            answer = self._tried(account, "check_password", "password", password, getpass.getpass)
        print(f"Connected as {answer['name']}.")

    def take(self, *, label: str, **options: Any) -> None:
        """The session is typed or piped: arguments are seen by everybody on a machine."""
        try:
            api_id = options["api_id"] or int(input("api_id (https://my.telegram.org): "))
            api_hash = options["api_hash"] or getpass.getpass("api_hash: ")
            if sys.stdin.isatty():
                print(
                    "Stop whatever else uses this session first: Telegram ends a session for good "
                    "that is used from two places at once."
                )
                session = getpass.getpass("String session: ")
            else:
                session = input()
            account = accounts.import_session(
                workspace=workspace(),
                api_id=api_id,
                api_hash=api_hash,
                session=session,
                label=label,
            )
        except (IngestionError, ValueError) as error:
            raise CommandError(str(error)) from error
        print(f"Connected as {ask(account, 'check_session')['name']}.")

    def _tried(
        self, account: Account, kind: str, name: str, given: str | None, prompt: Any
    ) -> dict[str, Any]:
        """What was given on the command line is tried once, what is typed may be corrected."""
        for attempt in range(1 if given else TRIES):
            try:
                return ask(account, kind, {name: given or prompt(f"{name.capitalize()}: ")})
            except CommandError as error:
                if given or attempt == TRIES - 1:
                    raise
                print(error)
        raise AssertionError  # pragma: no cover, the loop returns or raises

    def list(self, *, json: bool, **_: Any) -> None:
        rows = [
            {
                "id": account.pk,
                "phone": account.phone,
                "label": account.label,
                "name": account.name,
                "username": account.username,
                "state": account.state,
                "error": str(account.error),
            }
            for account in Account.objects.filter(workspace=workspace()).order_by("pk")
        ]
        if json:
            print_json(rows)
        else:
            print_table(["id", "phone", "label", "name", "state", "error"], rows)

    def dialogs(
        self, *, account: str | None, search: str, known: bool, csv: bool, json: bool, **_: Any
    ) -> None:
        """Read the list anew, then print it; the forms for programs are always the whole list."""
        owner = account_from(account)
        if not known:
            ask(owner, "dialogs")
        if csv or json:
            export = service.export_csv if csv else service.export_json
            for piece in export(account=owner):
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        rows = (
            {
                "id": dialog.peer_id,
                "username": dialog.username,
                "kind": dialog.kind,
                "archived": "yes" if dialog.channel else "",
                "title": dialog.title,
            }
            for dialog in service.search(account=owner, text=search).iterator()
        )
        print_table(["id", "username", "kind", "archived", "title"], rows)
