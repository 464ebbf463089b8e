"""Members and their roles; invites; the workspace's own settings."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_member, make_user, make_workspace
from workspaces import invites, people, services
from workspaces.errors import WorkspaceError
from workspaces.models import AuditEvent, Invite, Membership, User, Workspace
from workspaces.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def owner(workspace: Workspace) -> User:
    return make_member(Role.OWNER, workspace, "vera")


def seat(user: User) -> Membership:
    return user.memberships.get()


def written(workspace: Workspace) -> list[tuple[str, str]]:
    rows = AuditEvent.objects.filter(workspace=workspace).order_by("pk")
    return list(rows.values_list("action", "target"))


class TestMembers:
    def test_a_role_is_changed_and_written_down(self, workspace: Workspace, owner: User) -> None:
        member = seat(make_member(Role.VIEWER, workspace, "mariam"))
        people.set_role(membership=member, role=Role.ADMIN, user=owner)
        assert Membership.objects.get(pk=member.pk).role == Role.ADMIN
        assert written(workspace) == [("member.role", "mariam")]

    def test_the_same_role_again_is_nothing(self, workspace: Workspace, owner: User) -> None:
        people.set_role(membership=seat(owner), role=Role.OWNER, user=owner)
        assert written(workspace) == []

    def test_the_last_owner_keeps_the_role(self, workspace: Workspace, owner: User) -> None:
        with pytest.raises(WorkspaceError, match="vera is the only owner"):
            people.set_role(membership=seat(owner), role=Role.ADMIN, user=owner)
        with pytest.raises(WorkspaceError, match="Make somebody else an owner first"):
            people.remove(membership=seat(owner), user=owner)
        assert seat(owner).role == Role.OWNER

    def test_of_two_owners_one_may_go(self, workspace: Workspace, owner: User) -> None:
        second = make_member(Role.OWNER, workspace)
        people.remove(membership=seat(owner), user=owner)
        assert written(workspace) == [("member.leave", "vera")]
        with pytest.raises(WorkspaceError):
            people.remove(membership=seat(second), user=second)

    def test_who_is_removed_keeps_their_account(self, workspace: Workspace, owner: User) -> None:
        member = make_member(Role.VIEWER, workspace, "mariam")
        people.remove(membership=seat(member), user=owner)
        assert User.objects.filter(username="mariam").exists()
        assert written(workspace) == [("member.remove", "mariam")]

    def test_one_who_is_gone_already_is_told_so(self, workspace: Workspace, owner: User) -> None:
        member = seat(make_member(Role.VIEWER, workspace, "mariam"))
        loaded_before = Membership.objects.get(pk=member.pk)
        people.remove(membership=member, user=owner)
        with pytest.raises(WorkspaceError, match="mariam no longer belongs to"):
            people.remove(membership=loaded_before, user=owner)

    def test_an_owner_who_goes_leaves_no_way_back(self, workspace: Workspace, owner: User) -> None:
        second = make_member(Role.OWNER, workspace, "mariam")
        for goes in (False, True):
            Membership.objects.filter(user=second).update(role=Role.OWNER)
            made = {
                user: invites.make(workspace=workspace, role=Role.OWNER, label="me", user=user)[0]
                for user in (owner, second)
            }
            if goes:
                people.remove(membership=seat(second), user=owner)
            else:
                people.set_role(membership=seat(second), role=Role.VIEWER, user=owner)
            open_ones = invites.open_ones(workspace)
            assert made[owner] in open_ones
            assert made[second] not in open_ones
        assert ("invite.revoke", "me") in written(workspace)


class TestInvites:
    def make(self, workspace: Workspace, owner: User) -> tuple[Invite, str]:
        return invites.make(workspace=workspace, role=Role.ANALYST, label="Mariam", user=owner)

    def test_only_a_hash_of_the_secret_is_kept(self, workspace: Workspace, owner: User) -> None:
        invite, secret = self.make(workspace, owner)
        row = Invite.objects.filter(pk=invite.pk).values().get()
        assert not any(secret in str(value) for value in row.values())
        assert invites.find(secret) == invite
        assert invites.find(secret[:-1]) is None

    def test_one_person_is_let_in(self, workspace: Workspace, owner: User) -> None:
        invite, secret = self.make(workspace, owner)
        mariam = make_user("mariam")
        assert invites.accept(invite=invite, user=mariam).role == Role.ANALYST
        again = invites.find(secret)
        assert again is not None
        assert invites.state(again) is invites.State.USED
        # Whoever loaded the invite before it was used finds no row left to take.
        with pytest.raises(WorkspaceError, match="used or revoked just now"):
            invites.accept(invite=invite, user=make_user())
        assert written(workspace) == [("invite.make", "Mariam"), ("member.join", "mariam")]

    def test_a_member_does_not_use_it_up_or_lose_a_role(
        self, workspace: Workspace, owner: User
    ) -> None:
        invite, _secret = self.make(workspace, owner)
        with pytest.raises(WorkspaceError, match="already"):
            invites.accept(invite=invite, user=owner)
        assert seat(owner).role == Role.OWNER
        assert list(invites.open_ones(workspace)) == [invite]

    def test_a_revoked_one_is_over(self, workspace: Workspace, owner: User) -> None:
        invite, _secret = self.make(workspace, owner)
        assert invites.revoke(invite=invite, user=owner)
        assert not invites.revoke(invite=invite, user=owner)
        with pytest.raises(WorkspaceError):
            invites.accept(invite=invite, user=make_user())
        assert not invites.open_ones(workspace).exists()

    def test_it_lasts_seven_days(self, workspace: Workspace, owner: User) -> None:
        invite, _secret = self.make(workspace, owner)
        assert invite.expires_at - invite.created_at == pytest.approx(
            timedelta(days=7), abs=timedelta(seconds=1)
        )
        invite.expires_at = timezone.now() - timedelta(seconds=1)
        invite.save()
        assert invites.state(invite) is invites.State.EXPIRED
        with pytest.raises(WorkspaceError):
            invites.accept(invite=invite, user=make_user())


class TestWorkspace:
    def test_what_changed_is_written_down(self, workspace: Workspace, owner: User) -> None:
        services.change_workspace(
            workspace=workspace,
            name="Night desk",
            time_zone="Asia/Tokyo",
            default_sync_minutes=None,
            default_live=False,
            keep_exports_days=workspace.keep_exports_days,
            user=owner,
        )
        event = AuditEvent.objects.get(action="workspace.change")
        assert event.details == {"name": "Night desk", "time_zone": "Asia/Tokyo"}

    def test_another_workspace_belongs_to_who_made_it(self, owner: User) -> None:
        made = services.create_workspace(name="Second", user=owner)
        assert Membership.objects.get(workspace=made).role == Role.OWNER

    def test_owners_and_superusers_may_make_one(self, workspace: Workspace, owner: User) -> None:
        assert services.may_create_workspaces(owner)
        assert services.may_create_workspaces(User.objects.create_superuser("root"))
        assert not services.may_create_workspaces(make_member(Role.ADMIN, workspace))

    def test_the_checklist_is_closed_once(self, workspace: Workspace, owner: User) -> None:
        for _ in range(2):
            services.dismiss_checklist(workspace=workspace, user=owner)
        assert len(written(workspace)) == 1
