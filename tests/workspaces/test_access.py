"""A stranger gets 404 for everything; a member whose role is too low gets 403."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from ingestion.models import Channel
from tests.factories import make_channel, make_member, make_user, make_workspace
from workspaces import access
from workspaces.models import User, Workspace
from workspaces.roles import Permission, Role, may
from workspaces.services import default_workspace, ensure_first_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return make_channel(workspace)


def channels() -> QuerySet[Channel]:
    return Channel.objects.all()


def test_the_owner_reaches_everything(workspace: Workspace, channel: Channel) -> None:
    owner = make_member(Role.OWNER, workspace)
    for permission in Permission:
        assert access.access(owner, channels(), permission, pk=channel.pk) == channel
        assert access.access_workspace(owner, workspace.pk, permission) == workspace


def test_a_viewer_reads_and_does_nothing_else(workspace: Workspace, channel: Channel) -> None:
    viewer = make_member(Role.VIEWER, workspace)
    assert access.access(viewer, channels(), pk=channel.pk) == channel
    for permission in set(Permission) - {Permission.READ}:
        with pytest.raises(access.Forbidden):
            access.access(viewer, channels(), permission, pk=channel.pk)
        with pytest.raises(access.Forbidden):
            access.access_workspace(viewer, workspace.pk, permission)
        assert not access.has(viewer, workspace, permission)


def test_a_stranger_finds_nothing(workspace: Workspace, channel: Channel) -> None:
    for stranger in (make_member(Role.OWNER), make_user(), AnonymousUser()):
        assert not access.visible(stranger, channels()).filter(pk=channel.pk).exists()
        for permission in Permission:
            with pytest.raises(access.NotFound):
                access.access(stranger, channels(), permission, pk=channel.pk)
            with pytest.raises(access.NotFound):
                access.access_workspace(stranger, workspace.pk, permission)


def test_a_superuser_without_membership_is_a_stranger(channel: Channel) -> None:
    admin = User.objects.create_superuser("root")
    with pytest.raises(access.NotFound):
        access.access(admin, channels(), pk=channel.pk)


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        (Role.VIEWER, {Permission.READ}),
        (Role.ANALYST, {Permission.READ, Permission.EXPORT, Permission.SYNC}),
        (Role.ADMIN, set(Permission) - {Permission.WORKSPACE}),
        (Role.OWNER, set(Permission)),
    ],
)
def test_what_each_role_may(role: Role, permissions: set[Permission]) -> None:
    assert {permission for permission in Permission if may(role, permission)} == permissions


def test_rows_of_one_workspace_only(workspace: Workspace, channel: Channel) -> None:
    make_channel()
    assert list(access.within(workspace, channels())) == [channel]


def test_the_first_administrator_is_made_once() -> None:
    assert ensure_first_owner(username="admin", password="a long one")
    assert not ensure_first_owner(username="other", password="a long one")
    user = User.objects.get()
    assert user.is_superuser
    assert access.access_workspace(user, default_workspace().pk, Permission.WORKSPACE)
