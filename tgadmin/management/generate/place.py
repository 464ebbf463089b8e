"""Where made-up archives are put: a workspace of their own, which is known for what it is."""

from dataclasses import dataclass
from typing import ClassVar, Self

from django.core.management.base import CommandError
from django.db import connection

from ingestion.models import Channel
from tgadmin.management.generate import sql
from workspaces.models import AuditEvent, Membership, User, Workspace
from workspaces.roles import Role
from workspaces.services import audit

NAME = "Generated"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace in which everything is made up; `is_alone` when no message is anywhere yet."""

    #: What its channels are tagged with.
    TAG: ClassVar = "made up"
    #: What its history begins with.
    ACTION: ClassVar = "workspace.generate"

    workspace: Workspace
    is_alone: bool

    @classmethod
    def prepare(cls, *, name: str, beside: bool) -> Self:
        """The workspace of that name, made when it is missing. `beside`: although somebody's real
        archive is in the same database.

        Raises CommandError where made-up messages would be taken for real ones.
        """
        found = cls.find(name)
        if found is None and Workspace.objects.filter(name=name).exists():
            raise CommandError(
                f"There is a workspace “{name}” that was not made by this command. Nothing was "
                "changed. Choose another name with --workspace."
            )
        with connection.cursor() as cursor:
            cursor.execute(sql.OTHERS_WITH_MESSAGES, {"workspace": found.pk if found else 0})
            others = bool(cursor.fetchone()[0])
            cursor.execute(sql.ANY_MESSAGE)
            alone = not cursor.fetchone()[0]
        if others and not beside:
            raise CommandError(
                "There are archived messages in this database. Made-up ones beside them take space "
                "and slow it down; searching and exporting keep to one workspace. Use a data "
                "directory of its own (--data with `up`, TGADMIN_DATA), or say --beside."
            )
        return cls(found or cls._make(name), alone)

    @classmethod
    def find(cls, name: str) -> Workspace | None:
        """The workspace of that name, if this command made it."""
        made = AuditEvent.objects.filter(action=cls.ACTION).values("workspace")
        return Workspace.objects.filter(name=name, pk__in=made).first()

    @classmethod
    def _make(cls, name: str) -> Workspace:
        workspace = Workspace.objects.create(name=name)
        for user in User.objects.filter(is_superuser=True):
            Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
        audit(workspace=workspace, user=None, action=cls.ACTION, target=name)
        return workspace

    @classmethod
    def strangers(cls, workspace: Workspace) -> list[str]:
        """Titles of channels in it that somebody else put there."""
        others = Channel.objects.filter(workspace=workspace).exclude(tags__contains=[cls.TAG])
        return list(others.values_list("title", flat=True)[:3])
