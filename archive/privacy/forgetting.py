"""Forgetting a person: the request, the work, and the receipt."""

import gzip
import logging
import re
import time
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from archive import retention
from archive.exports.reread import names_any
from archive.models import Export, ExportSchedule, RetentionFile, RetentionHold
from archive.privacy import traces
from ingestion import forgetting, people
from ingestion.errors import InputError
from ingestion.forgetting import Subject
from ingestion.models import Channel, ForgottenPerson, Import, Message, PeoplePolicy, Sender
from ingestion.services import imports
from workspaces.models import User, Workspace
from workspaces.services import audit

logger = logging.getLogger(__name__)

_BLOCK: Final = 1 << 20
#: Bytes between two fields of one object that follow each other, their names included: PostgreSQL
#: puts `first_name` behind `last_name`, with nothing of what Telegram has between them
#: (https://www.postgresql.org/docs/current/datatype-json.html).
_BETWEEN: Final = 64
#: Formats whose bytes are the words themselves.
_READABLE: Final = frozenset({"csv", "jsonl", "parquet"})
State = ForgottenPerson.State


@transaction.atomic
def request(*, sender: Sender, mode: str, typed: str, user: User | None = None) -> ForgottenPerson:
    """From this transaction on nothing new of them is kept; the tick has the rest done. `typed` has
    to be what they are called, or their id, so that nobody is forgotten by a slip of the hand.
    """
    if sender.kind != Sender.Kind.USER:
        raise InputError(
            "FORGET_NO_PERSON",
            "“%(name)s” is no person.",
            "Channels and bots are removed with their messages or with the channel.",
            name=sender.name,
        )
    if typed.strip() not in {str(sender), str(sender.peer_id)}:
        raise InputError(
            "FORGET_TYPED",
            "What you typed is not the name of this person.",
            "Type it exactly as it stands above, or type the id.",
        )
    if mode not in ForgottenPerson.Mode.values:
        raise InputError(
            "FORGET_MODE",
            "“%(mode)s” is no way to forget somebody.",
            "Say whether the messages stay or go.",
            mode=mode,
        )
    workspace = sender.workspace
    if mode == ForgottenPerson.Mode.REMOVE:
        theirs = Message.objects.filter(sender_id=str(sender.peer_id))
        for hold in _holds(workspace.pk).order_by("pk"):
            if theirs.filter(channel=hold.channel_id).exists():
                raise retention.held(hold)
    subject = Subject.of(sender)
    policy, _ = PeoplePolicy.objects.select_for_update().get_or_create(workspace=workspace)
    policy.key = policy.key or people.new_key()
    policy.forgets = True
    policy.save(update_fields=["key", "forgets"])
    hashing = people.forgetting_of(policy)
    made, _ = ForgottenPerson.objects.update_or_create(
        workspace=workspace,
        id_hash=hashing.id_token(str(sender.peer_id)),
        defaults={
            "mode": mode,
            "state": State.RUNNING,
            "name_hashes": [hashing.name_token(name) for name in subject.words[1:]],
            "subject": subject.as_json(),
            "done_channel": 0,
            "done_message": 0,
            "counts": {},
            "requested_by": user,
            "ended_at": None,
        },
    )
    audit(workspace=workspace, user=user, action="person.forget", target=made.id_hash, how=mode)
    return made


def due() -> list[int]:
    """Those that have work to do."""
    rows = ForgottenPerson.objects.filter(state=State.RUNNING).order_by("pk")
    return [person.pk for person in rows[:20] if hold_on(person) is None]


def hold_on(person: ForgottenPerson) -> RetentionHold | None:
    """A hold that was placed meanwhile on the channel whose messages would go next."""
    if person.mode != ForgottenPerson.Mode.REMOVE or person.subject is None:
        return None
    rows = Channel.objects.filter(workspace=person.workspace_id, pk__gte=person.done_channel)
    following = rows.order_by("pk").values_list("pk", flat=True).first()
    hold = _holds(person.workspace_id).filter(channel=following).first()
    theirs = Message.objects.filter(
        channel=following, sender_id=str(Subject.from_json(person.subject).peer_id)
    )
    return hold if hold and theirs.exists() else None


def _holds(workspace_id: int) -> QuerySet[RetentionHold]:
    rows = RetentionHold.objects.filter(channel__workspace=workspace_id, lifted_at__isnull=True)
    return rows.select_related("channel")


def work(*, person_id: int, seconds: float) -> bool:
    """Stretch after stretch for so many seconds; whether something is left."""
    until = time.monotonic() + seconds
    person = ForgottenPerson.objects.filter(pk=person_id, state=State.RUNNING).first()
    if person is None:
        return False
    try:
        while forgetting.step(person):
            if time.monotonic() >= until:
                return True
    except InputError:  # of a hold: it goes on when that is lifted
        return False
    if not _is_read_anew(person):
        return False
    _finish(person)
    return False


def _is_read_anew(person: ForgottenPerson) -> bool:
    """Whether no export is being written that began to read before the last message was gone
    through: what it makes has to be told. The tick asks again.
    """
    counts = person.counts
    if "through" not in counts:
        counts = person.counts = {**counts, "through": timezone.now().isoformat()}
        ForgottenPerson.objects.filter(pk=person.pk, state=State.RUNNING).update(counts=counts)
    earlier = Export.objects.filter(
        workspace=person.workspace_id,
        worker_token__isnull=False,
        started_at__lte=datetime.fromisoformat(counts["through"]),
    )
    return not earlier.exists()


def _finish(person: ForgottenPerson) -> None:
    """What stands beside the messages, the list of files that name them, and the receipt."""
    if person.subject is None:
        return
    subject = Subject.from_json(person.subject)
    listed = files_naming(person.workspace, subject)
    with transaction.atomic():
        counts = {**person.counts, **forgetting.finish(person), **listed}
        traces.wipe(person.workspace, subject, token=person.id_hash)
        done = ForgottenPerson.objects.filter(pk=person.pk, state=State.RUNNING)
        # Whom it was about is known to nobody from here on.
        if done.update(state=State.DONE, ended_at=timezone.now(), counts=counts, subject=None):
            audit(
                workspace=person.workspace,
                user=person.requested_by,
                action="person.forgotten",
                target=person.id_hash,
                **{name: value for name, value in counts.items() if isinstance(value, int)},
            )


def files_naming(workspace: Workspace, subject: Subject) -> dict[str, list[Any]]:
    """Exports whose files name them, those that cannot be told, and archive files that name them;
    lakes and uploaded files are not read through.
    """
    naming, unknown = [], []
    for export in Export.objects.filter(workspace=workspace, state=Export.State.DONE).order_by(
        "pk"
    ):
        path = export.path
        if not path.is_file():
            continue
        names = None if export.format not in _READABLE else _names(path, subject)
        if names is None:
            unknown.append(export.pk)
        elif names:
            naming.append(export.pk)
    lakes = ExportSchedule.objects.filter(workspace=workspace, number__gt=0).order_by("name")
    uploads = [
        item.file_name
        for item in Import.objects.filter(workspace=workspace, uploaded=True).order_by("pk")
        if imports.file_of(item).is_file()
    ]
    kept = RetentionFile.objects.filter(channel__workspace=workspace).order_by("pk")
    # One that cannot be read is named, too: nobody can say that they are not in it.
    files = [
        row.name for row in kept if row.path.is_file() and _names(row.path, subject) is not False
    ]
    return {
        "exports": naming,
        "exports_unknown": unknown,
        "archive_files": files,
        "lakes": list(lakes.values_list("name", flat=True)),
        "uploads": uploads,
    }


def _names(path: Path, subject: Subject) -> bool | None:
    """Whether a file names them; None where it cannot be read."""
    if path.suffix in {".zip", ".zst"}:
        return None
    try:
        return _says(path, subject)
    except (
        OSError,
        EOFError,
        zlib.error,
        ValueError,
    ):  # pyarrow's errors are ValueErrors or OSErrors
        logger.warning("%s cannot be read", path, exc_info=True)
        return None


def _says(path: Path, subject: Subject) -> bool:
    """The same of one that can; the end of each block is looked at twice. CSV doubles quotes."""
    if path.suffix == ".parquet":
        return names_any(path, subject.spellings, _in_two(subject.in_two))
    doubled = (word.replace('"', '""') for word in subject.words)
    needles = [word.encode() for word in {*subject.spellings, *doubled}]
    pairs = subject.in_two
    pairs += [(_doubled(one), _doubled(other)) for one, other in pairs]
    pattern = re.compile(_in_two(pairs).encode()) if pairs else None
    apart = (len(f"{one}{other}".encode()) + _BETWEEN for one, other in pairs)
    longest = max(*map(len, needles), *apart)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        tail = b""
        while block := file.read(_BLOCK):
            window = tail + block
            if any(needle in window for needle in needles):
                return True
            if pattern and pattern.search(window):
                return True
            tail = window[-longest:]
    return False


def _in_two(pairs: list[tuple[str, str]]) -> str:
    """A pattern of names of which a part stands in one field and the rest in the next."""
    return "|".join(
        f"{re.escape(one)}[^{{}}]{{0,{_BETWEEN}}}{re.escape(other)}" for one, other in pairs
    )


def _doubled(field: str) -> str:
    """A field of JSON in a cell of CSV."""
    return field.replace('"', '""')


__all__ = ["due", "files_naming", "hold_on", "request", "work"]
