"""Work that goes through all messages in slices, killed with signal 9 at its steps: it goes on behind
the last one that was committed, nothing is left out, and nothing is counted twice.
"""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from django.utils import timezone

from archive.models import ChannelDay, PiiAudit
from archive.privacy import auditing, forgetting
from ingestion import backfills
from ingestion.models import (
    Backfill,
    ChannelTotals,
    ForgottenPerson,
    Message,
    Sender,
)
from ingestion.records import MessageRecord, Page
from ingestion.writer import Batch, write
from tests.archive.named import ALICE, BOB, TRACES, stored
from tests.factories import archive_messages, make_channel, make_record, make_user
from tests.kill.stuck import Moment

pytestmark = [pytest.mark.kill, pytest.mark.timeout(60), pytest.mark.django_db(transaction=True)]

IDS: Final = range(1, 10)


# -- looking for personal data -------------------------------------------------------------------

_LOOKING: Final = "from archive.privacy import auditing\nauditing.STEP = 2"


@pytest.mark.parametrize(
    ("moment", "looked_at"),
    [
        (Moment("auditing", "_earlier", behind=True, at=1), 0),
        (Moment("auditing", "_keep_examples", behind=True, at=4), 2),
        (Moment("auditing", "_step", behind=True, at=3), 6),
        (Moment("auditing", "_step", behind=False, at=7), 9),
    ],
    ids=str,
)
def test_an_audit_counts_everything_once(moment: Moment, looked_at: int, tmp_path: Path) -> None:
    channel = make_channel()
    texts = [make_record(n, text=f"call +1 415 555 26{n:02}, or me@example.org") for n in IDS]
    archive_messages(channel, texts)
    audit = auditing.request(workspace=channel.workspace, channels=[channel])
    work = f"auditing.work(audit_id={audit.pk}, seconds=60)"
    moment.kill(prologue=_LOOKING, work=work, exports=tmp_path / "exports")

    audit.refresh_from_db()
    assert (audit.state, audit.rows, audit.messages) == ("running", looked_at, looked_at)
    assert sum(audit.counts.get(str(channel.pk), {}).values()) == 2 * looked_at
    assert auditing.due() == [audit.pk]
    auditing.work(audit_id=audit.pk, seconds=60)
    audit.refresh_from_db()
    assert (audit.state, audit.rows, audit.messages) == (PiiAudit.State.DONE, 9, 9)
    assert audit.counts == {str(channel.pk): {"phone": 9, "email": 9}}
    numbers = [number for _channel, number, _text in audit.examples["phone"]]
    assert numbers == list(IDS)


# -- forgetting somebody -------------------------------------------------------------------------

_FORGETTING: Final = """
from archive.privacy import forgetting, traces
from ingestion import forgetting as steps, letting_go
steps.STRETCH = 2
"""


def about_alice(number: int) -> MessageRecord:
    """Every third message is hers, the others name her."""
    author = BOB if number % 3 else ALICE
    return make_record(
        number,
        text=f"ask @alice_b for {number}",
        sender_id=str(author.peer_id),
        author=author.name,
        forward={"from_id": "8880000501", "from_name": "Alice Berg"},
        raw={"_": "Message", "id": number, "from": "Alice Berg"},
    )


@pytest.mark.parametrize("mode", ["pseudonym", "remove"])
@pytest.mark.parametrize(
    "moment",
    [
        Moment("steps", "_stretch", behind=True, at=2),
        Moment("steps", "step", behind=True, at=2),
        Moment("forgetting", "_is_read_anew", behind=True),
        Moment("steps", "finish", behind=True),
        Moment("traces", "wipe", behind=True),
    ],
    ids=str,
)
def test_a_person_is_forgotten_everywhere_and_the_receipt_is_right(
    moment: Moment, mode: str, tmp_path: Path
) -> None:
    channel = make_channel(kind="supergroup")
    batch = Batch(channel.pk, "mtproto")
    records = [about_alice(number) for number in IDS]
    batch.add(Page(records, (), 1, IDS[-1], proves_absence=True, peers=(ALICE, BOB)))
    write(batch)
    alice = Sender.objects.get(peer_id=ALICE.peer_id)
    person = forgetting.request(sender=alice, mode=mode, typed="Alice Berg", user=make_user())
    work = f"forgetting.work(person_id={person.pk}, seconds=60)"
    moment.kill(prologue=_FORGETTING, work=work, exports=tmp_path / "exports")

    assert forgetting.due() == [person.pk]
    forgetting.work(person_id=person.pk, seconds=60)
    person.refresh_from_db()
    assert person.state == ForgottenPerson.State.DONE
    for trace in TRACES:
        assert trace not in stored()
    removed = 3 if mode == "remove" else 0
    assert Message.objects.count() == ChannelTotals.objects.get().messages == 9 - removed
    counted = {
        name: person.counts.get(name, 0) for name in ("removed", "messages", "raw", "senders")
    }
    assert counted == {
        "removed": removed,
        "messages": 9 - removed,
        "raw": 9 - removed,
        "senders": 1,
    }


# -- backfills -----------------------------------------------------------------------------------

_BACKFILLS: Final = """
from dataclasses import replace
from ingestion import backfills
class Steps: step = staticmethod(backfills.known()[{name!r}].step)
def step(*given): return Steps.step(*given)
backfills.register(replace(backfills.known()[{name!r}], step=step, batch=2))
row = backfills.start({name!r})
"""


@pytest.mark.parametrize("name", ["vectors", "days"])
@pytest.mark.parametrize(
    ("moment", "rows"),
    [
        (Moment("Steps", "step", behind=False, at=2), 2),
        (Moment("Steps", "step", behind=True, at=3), 4),
    ],
    ids=str,
)
def test_a_backfill_does_every_row_once(
    name: str, moment: Moment, rows: int, tmp_path: Path
) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    channel = make_channel()
    archive_messages(
        channel,
        [make_record(n, text="the rivers rise", date=noon - timedelta(days=n)) for n in IDS],
    )
    Message.objects.update(language="xx")
    ChannelDay.objects.update(messages=100)
    moment.kill(
        prologue=_BACKFILLS.format(name=name),
        work=f"backfills.work_slice({name!r}, row.slice)",
        exports=tmp_path / "exports",
    )

    row = Backfill.objects.get(name=name)
    assert (row.state, row.rows) == (Backfill.State.RUNNING, rows)
    Backfill.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert backfills.revive() == 1
    row.refresh_from_db()
    backfills.work_slice(name, row.slice)
    row.refresh_from_db()
    assert (row.state, row.rows, row.changed) == (Backfill.State.DONE, 9, 9)
    if name == "vectors":
        assert set(Message.objects.values_list("language", flat=True)) == {"en"}
    else:
        assert set(ChannelDay.objects.values_list("messages", flat=True)) == {1}
