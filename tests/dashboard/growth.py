"""The same world with more rows of everything that pages list."""

from typing import Any
from uuid import uuid4

from ingestion.models import Account, Channel, SyncRun
from tests.dashboard.world import World
from workspaces.models import Membership, User

#: What has to differ in a copy, by field: a constraint says so.
_DIFFERS: dict[str, Any] = {
    "peer_id": lambda value, number: value - 10_000 * number,
    "phone": lambda value, number: f"{value}{number}",
    "photo_id": lambda value, number: value + number if value else value,
    "username": lambda value, number: f"{value}_{number}" if value else value,
    "secret_hash": lambda _value, _number: uuid4().hex,
    "session_hash": lambda _value, _number: uuid4().hex,
}


def grow(world: World, *, numbers: range) -> None:
    """Copy the world's channels, accounts, runs and people, each with what hangs on it: once for
    each number, which makes the copies differ.
    """
    channels, accounts = list(world.channels), (world.account, world.lost)
    runs = list(SyncRun.objects.filter(channel__in=channels))
    rows = [world.export, *world.workspace.invites.filter(label__gt="")]
    for number in numbers:
        for channel in channels:
            _copy(Channel.objects.get(pk=channel.pk), number)
        for account in accounts:
            _copy(Account.objects.get(pk=account.pk), number)
        for run in runs:
            _copy(SyncRun.objects.get(pk=run.pk), number, state="done", ended_at=run.created_at)
        for row in rows:
            _copy(type(row)._base_manager.get(pk=row.pk), number)
        user = User.objects.create_user(f"colleague {number}")
        Membership.objects.create(workspace=world.workspace, user=user, role="viewer")


def _copy(row: Any, number: int, **changes: Any) -> None:
    """Copy a row, and every row that points at it but its runs."""
    old = row.pk
    _insert(row, number, **changes)
    for relation in row._meta.related_objects:
        children = relation.related_model
        name = relation.field.name
        if children is SyncRun or relation.many_to_many:
            continue
        key = children._meta.pk
        if key is not None and key.is_relation and key.name != name:
            continue  # a row of something else, which is copied with that
        for child in children._base_manager.filter(**{name: old}):
            _insert(child, number, **{name: row})


def _insert(row: Any, number: int, **changes: Any) -> None:
    for field in row._meta.concrete_fields:
        if field.name in _DIFFERS and field.name not in changes:
            setattr(row, field.name, _DIFFERS[field.name](getattr(row, field.name), number))
        elif field.name == "name" and field.unique:  # a file's
            row.name = f"{number}/{row.name}"
    if row._meta.auto_field is not None:
        row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    row._state.adding = True
    row.save(force_insert=True)
