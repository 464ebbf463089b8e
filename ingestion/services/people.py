"""Whether a workspace keeps who its people are. Nothing here enqueues: the caller does."""

import time

from django.db import transaction
from django.utils import timezone

from ingestion import hiding, people
from ingestion.errors import InputError
from ingestion.models import PeoplePolicy
from workspaces.models import User, Workspace
from workspaces.services import audit


def policy_of(workspace: Workspace) -> PeoplePolicy:
    """How the workspace has it; unsaved where nobody ever chose."""
    found = PeoplePolicy.objects.filter(workspace=workspace).first()
    return found or PeoplePolicy(workspace=workspace)


@transaction.atomic
def set_hidden(*, workspace: Workspace, hidden: bool, user: User | None = None) -> None:
    """From the next batch on. The key stays when people are shown again, so that hiding them once
    more gives the same hashes.
    """
    PeoplePolicy.objects.get_or_create(workspace=workspace)
    policy = PeoplePolicy.objects.select_for_update().get(workspace=workspace)
    if policy.hidden == hidden:
        return
    policy.hidden, policy.changed_at = hidden, timezone.now()
    policy.key = policy.key or people.new_key()
    policy.applying = False
    policy.save()
    audit(
        workspace=workspace,
        user=user,
        action="people.hide" if hidden else "people.show",
        target=workspace.name,
    )


@transaction.atomic
def apply_to_archived(*, workspace: Workspace, user: User | None = None) -> None:
    """Begin to take people out of what is archived already; the tick has it done. It cannot be
    taken back.
    """
    rows = PeoplePolicy.objects.filter(workspace=workspace, hidden=True)
    started = rows.filter(applying=False).update(
        applying=True, done_channel=0, done_message=0, hidden_messages=0, applied_at=None
    )
    if started:
        audit(workspace=workspace, user=user, action="people.erase", target=workspace.name)
    elif not rows.exists():
        raise InputError(
            "PEOPLE_KEPT",
            "This workspace keeps who its people are.",
            "Switch hiding them on first, then apply it to what is archived.",
        )


def look(*, workspace: Workspace) -> hiding.Found:
    """What applying it would change; writes nothing."""
    return hiding.look(workspace.pk)


def work(*, workspace_id: int, seconds: float) -> bool:
    """Stretch after stretch for so many seconds; whether something is left."""
    until = time.monotonic() + seconds
    while hiding.apply_step(workspace_id):
        if time.monotonic() >= until:
            return True
    return False
