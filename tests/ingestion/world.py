"""A sandbox with an archive that reads it: how tests drive slices without queues."""

from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from ingestion import calls, scheduler, sync
from ingestion.coverage import CoverageReport, report
from ingestion.models import (
    Account,
    AccountCall,
    Channel,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    SyncRun,
)
from ingestion.services import calls as posting
from ingestion.services import runs
from sandbox.testing import SandboxProcess
from workspaces.models import Workspace


@dataclass
class World:
    """One account of one workspace, and the sandbox it is logged in to."""

    sandbox: SandboxProcess
    workspace: Workspace
    account: Account

    def add(self, username: str) -> Channel:
        """Add a channel as the form does; the call is answered here and now."""
        call = posting.post(account=self.account, kind="add_channel", arguments={"ref": username})
        self.answer(call)
        result = posting.result(call)
        assert result.state == "answered", result.error
        return Channel.objects.get(pk=result.answer["channel_id"])

    def answer(self, call: AccountCall) -> None:
        calls.answer_call(call.pk)

    def second_account(self) -> Account:
        """Another login of the workspace, which shares nothing with the first."""
        phone = self.sandbox.accounts[1]["phone"]
        return Account.objects.create(
            workspace=self.workspace,
            phone=f"+{phone}",
            api_id=self.account.api_id,
            api_hash=self.account.api_hash,
            session=self.sandbox.session_string(phone),
            state=Account.State.READY,
        )

    def with_account(self, account: Account) -> "World":
        return replace(self, account=account)

    def report(self, channel: Channel) -> CoverageReport:
        channel.refresh_from_db()
        return report(channel)

    def sync(self, channel: Channel, *, slices: int = 200) -> dict[str, SyncRun]:
        """Press Sync now and work until nothing is due; the runs of the press by kind."""
        press = runs.request_sync(channel=channel)
        self.work(slices=slices)
        return {run.kind: run for run in SyncRun.objects.filter(press=press)}

    def work(self, *, slices: int = 200) -> int:
        """Do every slice that is due, one after the other; how many there were."""
        for done in range(slices):
            due = scheduler.claim_due()
            if not due:
                return done
            for item in due:
                sync.work_slice(run_id=item.run_id, slice_number=item.slice)
        raise AssertionError(f"Work was left after {slices} slices")

    def work_and_close(self) -> None:
        """The same in a thread of its own, whose connection is closed behind it."""
        try:
            self.work()
        finally:
            connection.close()

    def history_requests(self, since: int = 0) -> list[dict[str, Any]]:
        return self.sandbox.requests(since, method="messages.getHistory")


def assert_equal_to_truth(channel: Channel, truth: dict[str, Any]) -> None:
    """Every message of the truth is archived with equal fields; nothing else is."""
    wanted = {m["id"]: m for m in truth["messages"] if not m["hidden"]}
    stored = {m.message_id: m for m in Message.objects.filter(channel=channel)}
    stats = {s.message_id: s for s in MessageStats.objects.filter(channel=channel)}
    raw = dict(MessageRaw.objects.filter(channel=channel).values_list("message_id", "raw"))
    alive = {number for number, message in stored.items() if message.deleted_at is None}
    assert alive == set(wanted)
    assert set(stats) == set(stored) == set(raw)
    for number, message in wanted.items():
        row, counters = stored[number], stats[number]
        have = {
            "id": number,
            "date": row.date.isoformat(),
            "edit_date": row.edit_date.isoformat() if row.edit_date else None,
            "text": row.text,
            "sender_id": row.sender_id or None,
            "reply_to": row.reply_to.get("message_id") if row.reply_to else None,
            "topic_id": row.topic_id,
            "views": counters.views,
            "forwards": counters.forwards,
            "replies": counters.replies,
            "reactions": counters.reactions,
            "grouped_id": row.grouped_id,
        }
        want = {key: message[key] for key in have if key != "topic_id"}
        want["reply_to"], want["topic_id"] = reply_and_topic(message)
        want["sender_id"] = str(want["sender_id"]) if want["sender_id"] else None
        want["reactions"] = dict(want["reactions"])
        assert have == want
        assert positions(row.entities) == positions(message["entities"])
        assert row.forward == without_nothing(message["forward"])
        assert raw[number]["id"] == number


def reply_and_topic(message: dict[str, Any]) -> tuple[int | None, int | None]:
    """A message that only stands in a topic is marked like a reply to the topic's first message
    (https://core.telegram.org/api/forum); the archive tells the two apart."""
    reply = message["reply"]
    if reply is None:
        opens = message["action"] and message["action"]["kind"] == "topic_create"
        return None, message["id"] if opens else None
    if not reply.get("forum_topic"):
        return reply["message_id"], None
    if reply.get("top_id") is None and reply.get("quote") is None:
        return None, reply["message_id"]
    return reply["message_id"], reply.get("top_id") or reply["message_id"]


def positions(entities: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What marks which part of the text. The sandbox names things as Telegram's constructors
    do, the archive by what a reader sees."""
    names = {"strike": "strikethrough"}
    return [
        (names.get(e["type"], e["type"]), e["offset"], e["length"], e.get("url")) for e in entities
    ]


def without_nothing(fields: dict[str, Any] | None) -> dict[str, Any] | None:
    """The fields that say something; ids of peers as text, as the archive keeps them."""
    if fields is None:
        return None
    kept = {name: value for name, value in fields.items() if value is not None}
    if "from_id" in kept:
        kept["from_id"] = str(kept["from_id"])
    return kept


def revisions_of(channel: Channel) -> dict[int, int]:
    """How many earlier versions each message has."""
    numbers = MessageRevision.objects.filter(channel=channel).values_list("message_id", flat=True)
    counts: dict[int, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    return counts
