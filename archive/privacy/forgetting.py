"""Forgetting a person: the request, the work, and the receipt."""

import gzip
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from archive.exports.reread import names_any
from archive.models import Export, RetentionFile
from ingestion import forgetting, people
from ingestion.errors import InputError
from ingestion.forgetting import Subject
from ingestion.models import ForgottenPerson, PeoplePolicy, Sender
from workspaces.models import User, Workspace
from workspaces.services import audit

_BLOCK: Final = 1 << 20
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
    return list(rows.values_list("pk", flat=True)[:20])


def work(*, person_id: int, seconds: float) -> bool:
    """Stretch after stretch for so many seconds; whether something is left."""
    until = time.monotonic() + seconds
    person = ForgottenPerson.objects.filter(pk=person_id, state=State.RUNNING).first()
    if person is None:
        return False
    while forgetting.step(person):
        if time.monotonic() >= until:
            return True
    _finish(person)
    return False


def _finish(person: ForgottenPerson) -> None:
    """What stands beside the messages, the list of files that name them, and the receipt."""
    if person.subject is None:
        return
    subject = Subject.from_json(person.subject)
    listed = files_naming(person.workspace, subject)
    with transaction.atomic():
        counts = {**person.counts, **forgetting.finish(person), **listed}
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
    """Exports whose files name them, those that cannot be told, and archive files that name them."""
    naming, unknown = [], []
    for export in Export.objects.filter(workspace=workspace, state=Export.State.DONE).order_by(
        "pk"
    ):
        path = export.path
        if not path.is_file():
            continue
        if export.format not in _READABLE or path.suffix in {".zip", ".zst"}:
            unknown.append(export.pk)
        elif _names(path, subject.words):
            naming.append(export.pk)
    kept = RetentionFile.objects.filter(channel__workspace=workspace).order_by("pk")
    files = [row.name for row in kept if row.path.is_file() and _names(row.path, subject.words)]
    return {"exports": naming, "exports_unknown": unknown, "archive_files": files}


def _names(path: Path, words: Sequence[str]) -> bool:
    """Whether any of the words stands in a file; the end of each block is looked at twice."""
    if path.suffix == ".parquet":
        return names_any(path, words)
    needles = [word.encode() for word in words]
    longest = max(map(len, needles))
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        tail = b""
        while block := file.read(_BLOCK):
            window = tail + block
            if any(needle in window for needle in needles):
                return True
            tail = window[-longest:]
    return False


__all__ = ["due", "files_naming", "request", "work"]
