"""Saved searches: private ones are their owner's alone, shared ones the workspace's.

Everybody may save for themselves. To share one takes the right to export (analysts and above): what
is shared is what others work with. A shared one is changed and deleted by its owner, or by those
who manage the workspace's channels. With it end the feeds that follow it; those of other people, too,
when it is not shared any more.
"""

from dataclasses import replace
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from archive.filters import Filters
from archive.models import Feed, SavedSearch
from ingestion.errors import InputError
from workspaces.access import Forbidden, access, has, within
from workspaces.models import User, Workspace
from workspaces.roles import Permission
from workspaces.services import audit

#: Of one person in one workspace.
MOST: Final = 200
_LONGEST: Final = 80


def visible_to(user: User, workspace: Workspace) -> QuerySet[SavedSearch]:
    """Their own and the shared ones, by name, with how many feeds follow each (`followers`)."""
    rows = within(workspace, SavedSearch.objects.filter(Q(owner=user) | Q(shared=True)))
    counted = rows.annotate(followers=Count("feeds"))
    return counted.select_related("owner").order_by("name", "pk")


def get(user: User, pk: int, *, change: bool = False) -> SavedSearch:
    """One that the person may open; with `change`, one that they may also change."""
    rows = SavedSearch.objects.filter(Q(owner=user) | Q(shared=True))
    row = access(user, rows.select_related("owner", "workspace"), pk=pk)
    if change and not may_change(user, row):
        raise Forbidden
    return row


def may_change(user: User, row: SavedSearch) -> bool:
    return row.owner_id == user.pk or has(user, row.workspace, Permission.CHANNELS)


def save(
    *, workspace: Workspace, user: User, name: str, filters: Filters, shared: bool = False
) -> SavedSearch:
    """A new one. Raises `InputError` for what cannot be saved."""
    if not filters.pairs():
        raise InputError(
            "SEARCH_EMPTY",
            "There is nothing to save: this search finds every message.",
            "Type words or choose filters first.",
        )
    theirs = SavedSearch.objects.filter(workspace=workspace, owner=user)
    if theirs.count() >= MOST:
        raise InputError(
            "SEARCH_MOST",
            "You have saved %(most)s searches here, and more are not kept.",
            "Delete some that you no longer need.",
            most=MOST,
        )
    row = SavedSearch(workspace=workspace, owner=user, filters=_with_its_zone(filters).as_dict())
    return _store(row, user=user, name=name, shared=shared)


def change(*, saved: SavedSearch, user: User, name: str, shared: bool) -> SavedSearch:
    """Another name, or another circle of people. Raises `InputError`."""
    return _store(saved, user=user, name=name, shared=shared)


def delete(*, saved: SavedSearch, user: User) -> None:
    with transaction.atomic():
        if saved.shared:
            _audit(saved, user, "search.delete")
        _end(saved.feeds.all(), user)
        saved.delete()


def _store(row: SavedSearch, *, user: User, name: str, shared: bool) -> SavedSearch:
    name = " ".join(name.replace("\0", "").split())[:_LONGEST]
    if not name:
        raise InputError(
            "SEARCH_NAME",
            "A saved search needs a name.",
            "Type one that says what it finds.",
        )
    if shared and not row.shared and not has(user, row.workspace, Permission.EXPORT):
        raise Forbidden
    if not shared and row.shared and row.owner_id != user.pk:
        # It would disappear for everybody but somebody else.
        raise Forbidden
    told = shared != row.shared or (shared and name != row.name)
    hidden = row.shared and not shared
    row.name, row.shared = name, shared
    try:
        with transaction.atomic():
            row.save()
            if told:
                _audit(row, user, "search.share" if shared else "search.unshare")
            if hidden:
                _end(row.feeds.exclude(made_by=user), user)
    except IntegrityError as error:
        raise InputError(
            "SEARCH_TWICE",
            "You have a saved search called “%(name)s” already.",
            "Give this one another name, or delete the other.",
            name=name,
        ) from error
    return row


def _audit(row: SavedSearch, user: User, action: str) -> None:
    audit(workspace=row.workspace, user=user, action=action, target=row.name, search=row.pk)


def _end(feeds: QuerySet[Feed], user: User) -> None:
    for feed in feeds.select_related("workspace"):
        audit(
            workspace=feed.workspace,
            user=user,
            action="feed.revoke",
            target=feed.name,
            feed=feed.pk,
        )
        feed.delete()


def _with_its_zone(filters: Filters) -> Filters:
    """Its days stay those that they were, whoever opens it."""
    if filters.zone or not (filters.since or filters.until):
        return filters
    return replace(filters, zone=timezone.get_current_timezone_name())
