"""`manage.py channels add|preview|list|remove`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingestion.errors import IngestionError
from ingestion.management._common import (
    account_from,
    channel_from,
    print_json,
    print_table,
    workspace,
)
from ingestion.management._waiting import ask
from ingestion.models import Channel
from ingestion.services import channels, previews
from ingestion.sources.refs import Invite, parse_ref


class Command(BaseCommand):
    help = "Adds, lists and removes channels."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="add channels by name, link, number or invite link")
        add.add_argument("--join", action="store_true", help="follow invite links: become a member")
        add.add_argument(
            "--web-preview",
            action="store_true",
            help="read public channels from the web (t.me/s), without an account",
        )
        look = actions.add_parser("preview", help="show what is there, without adding it")
        for one in (add, look):
            one.add_argument("refs", nargs="+", metavar="CHANNEL")
            one.add_argument("--account", help="phone number or label of the account that asks")
            one.add_argument("--json", action="store_true")
        listing = actions.add_parser("list", help="the channels of the archive")
        listing.add_argument("--json", action="store_true")
        remove = actions.add_parser("remove", help="take a channel off the list")
        remove.add_argument("ref", metavar="CHANNEL")
        remove.add_argument(
            "--delete-messages", action="store_true", help="delete what is archived of it, too"
        )

    def handle(self, *, action: str, **options: Any) -> None:
        getattr(self, action)(**options)

    def add(
        self,
        *,
        refs: list[str],
        account: str | None,
        join: bool,
        json: bool,
        web_preview: bool,
        **_: Any,
    ) -> None:
        """Each on its own: one that fails does not stop the others, but the exit code tells."""
        reader = None if web_preview else account_from(account)
        results: list[dict[str, Any]] = []
        for text in refs:
            try:
                if reader is None:
                    made = previews.add(workspace=workspace(), text=text, sync=False)
                    results.append(
                        {"ref": text, "added": True, "channel_id": made.pk, "title": made.title}
                    )
                    continue
                ref = channels.check_new(workspace=workspace(), text=text)
                kind = "join" if join and isinstance(ref, Invite) else "add_channel"
                results.append({"ref": text, "added": True, **ask(reader, kind, {"ref": str(ref)})})
            except (IngestionError, CommandError) as error:
                results.append({"ref": text, "added": False, "error": str(error)})
        if json:
            print_json(results)
        else:
            for item in results:
                told = f"added “{item['title']}”" if item["added"] else item["error"]
                print(f"{item['ref']}: {told}")
        if not all(item["added"] for item in results):
            raise SystemExit(1)

    def preview(self, *, refs: list[str], account: str | None, json: bool, **_: Any) -> None:
        """What each leads to; a line that fails has its error, and the exit code tells."""
        reader = account_from(account)
        results: list[dict[str, Any]] = []
        for text in refs:
            try:
                answer = ask(reader, "preview", {"ref": str(parse_ref(text))})
                results.append({**answer, "ref": text})
            except (IngestionError, CommandError) as error:
                results.append({"ref": text, "error": str(error)})
        if json:
            print_json(results)
        else:
            for item in results:
                print(f"{item['ref']}: {_told(item)}")
        if any("error" in item for item in results):
            raise SystemExit(1)

    def list(self, *, json: bool, **_: Any) -> None:
        rows = [
            {
                "id": channel.pk,
                "peer_id": channel.peer_id,
                "username": channel.username,
                "title": channel.title,
                "kind": channel.kind,
                "messages": channel.totals.messages if hasattr(channel, "totals") else 0,
                "top_id": channel.top_id,
                "enabled": channel.enabled,
                "sync_every_minutes": channel.sync_every_minutes,
            }
            for channel in Channel.objects.filter(workspace=workspace(), removed_at__isnull=True)
            .select_related("totals")
            .order_by("pk")
        ]
        if json:
            print_json(rows)
        else:
            print_table(["id", "username", "kind", "messages", "top_id", "title"], rows)

    def remove(self, *, ref: str, delete_messages: bool, **_: Any) -> None:
        channel = channel_from(ref)
        count = channel.totals.messages if hasattr(channel, "totals") else 0
        deleted = channels.remove(channel=channel, delete_messages=delete_messages)
        kept = (
            f"its {deleted} messages were deleted" if delete_messages else f"{count} messages kept"
        )
        print(f"“{channel.title}” was removed; {kept}.")


def _told(item: dict[str, Any]) -> str:
    if "error" in item:
        return str(item["error"])
    facts = [f"“{item['title']}”", item["kind"], item["access"]]
    if item["members"] is not None:
        facts.append(f"{item['members']} members")
    if item["newest"]:
        facts.append(f"newest {item['newest']['date']}")
    if item["channel_id"]:
        facts.append("removed before" if item["removed"] else "already here")
    return ", ".join(facts)
