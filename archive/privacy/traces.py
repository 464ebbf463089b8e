"""What names somebody outside of the archive itself: what people asked for, the log, and examples of
personal data.
"""

from typing import Any, Final

from django.db.models import F, Model, Q, TextField
from django.db.models.functions import Cast

from archive.models import Export, ExportSchedule, Feed, PiiAudit, SavedSearch
from ingestion.forgetting import Subject
from tgadmin.lib import cache
from workspaces.models import AuditEvent, Workspace

_FIELDS: Final[tuple[tuple[type[Model], str], ...]] = (
    (SavedSearch, "filters"),
    (Feed, "filters"),
    (ExportSchedule, "filters"),
    # What the lake was made of: were it not the same, all would be written again.
    (ExportSchedule, "watermark"),
    (Export, "filters"),
    (AuditEvent, "details"),
)


def wipe(workspace: Workspace, subject: Subject, *, token: str) -> None:
    """Put the hash in place of whom a filter asks for, so that it finds the same messages, and let
    go of examples, which may be out of their messages. The caller has a transaction.
    """
    named = Q()
    for word in subject.spellings:
        named |= Q(words__icontains=word)
    for model, field in _FIELDS:
        rows = model._default_manager.annotate(words=Cast(F(field), TextField()))  # noqa: SLF001, any model's
        for row in rows.filter(named, workspace=workspace):
            value = _told(getattr(row, field), {word.casefold() for word in subject.words}, token)
            model._default_manager.filter(pk=row.pk).update(**{field: value})  # noqa: SLF001, the same
    audits = PiiAudit.objects.filter(workspace=workspace)
    # A worker that is in the middle of one finds it elsewhere than it was, and leaves it.
    audits.filter(state=PiiAudit.State.RUNNING).update(
        done_channels=0, done_message=0, rows=0, messages=0, counts={}, examples={}
    )
    audits.exclude(examples={}).update(examples={})
    cache.forget_after_commit(workspace.pk)


def _told(value: Any, words: set[str], token: str) -> Any:
    """A JSON-like value in which whole texts that are one of the words are the token."""
    if isinstance(value, dict):
        return {key: _told(item, words, token) for key, item in value.items()}
    if isinstance(value, list):
        return [_told(item, words, token) for item in value]
    named = isinstance(value, str) and value.strip().removeprefix("@").casefold() in words
    return token if named else value
