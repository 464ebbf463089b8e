"""Profiles, the look for personal data, and exports from which it is taken out."""

import io
import json

import pytest
from django.core.management import call_command

from archive.exports.redaction import step_for
from archive.models import PiiAudit, RedactionProfile
from archive.privacy import auditing, choices
from archive.redacting import key_of
from archive.redaction import Kind
from ingestion.errors import InputError
from ingestion.models import Channel, PeoplePolicy, Sender
from tests.factories import archive_messages, make_channel, make_record, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    channel = make_channel(kind="supergroup", title="Group")
    Sender.objects.create(
        workspace=channel.workspace, peer_id=101, kind="user", name="Ivan Petrov",
        usernames=["ivan_p"], first_seen_at="2026-01-01T00:00Z",
    )  # fmt: skip
    archive_messages(
        channel,
        [
            make_record(1, text="call +7 912 345-67-89 or write a@example.com"),
            make_record(2, text="nothing here, order 1234567890"),
            make_record(3, text="Ivan Petrov is @ivan_p", sender_id="101"),
        ],
    )
    return channel


def test_a_frozen_profile_is_a_step_of_exports(channel: Channel) -> None:
    frozen = choices.profile(channel.workspace, choices.BUILT_IN).frozen()
    assert frozen["name"] == "Share outside"
    step = step_for(channel.workspace, json.loads(json.dumps(frozen)))
    assert step is not None
    made = step({"text": "Ivan Petrov, a@example.com", "entities": [], "sender_id": "101"})
    assert made["text"] == f"[{made['sender_id']}], [email]"
    assert step_for(channel.workspace, {}) is None
    key = PeoplePolicy.objects.get().key
    assert key
    assert key not in json.dumps(frozen)


def test_keys_differ_between_workspaces_and_stay(channel: Channel) -> None:
    assert key_of(channel.workspace) == key_of(channel.workspace)
    assert key_of(make_workspace("Other")) != key_of(channel.workspace)


def test_profiles_are_the_workspaces_own(channel: Channel) -> None:
    here, elsewhere = channel.workspace, make_workspace("Other")
    made = choices.save(workspace=here, name="Partners", actions={Kind.PHONE: "pseudonym"})
    assert [one.name for one in choices.profiles(here)] == ["Share outside", "Partners"]
    assert [one.name for one in choices.profiles(elsewhere)] == ["Share outside"]
    with pytest.raises(InputError):
        choices.profile(elsewhere, str(made.pk))
    with pytest.raises(InputError):
        choices.save(workspace=here, name="Partners", actions={})
    choices.delete(profile=made, user=make_user())
    assert not RedactionProfile.objects.exists()


def test_the_report_counts_by_kind_and_channel_and_shows_nothing_whole(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "STEP", 2)
    audit = auditing.request(workspace=channel.workspace, channels=[channel])
    while auditing.work(audit_id=audit.pk, seconds=0):
        pass
    audit.refresh_from_db()
    assert (audit.state, audit.rows, audit.rows_expected, audit.messages) == ("done", 3, 3, 2)
    assert audit.counts == {str(channel.pk): {"phone": 1, "email": 1, "name": 1, "mention": 1}}
    assert audit.examples["phone"][0][:2] == [channel.pk, 1]
    for whole in ("912 345", "a@example.com", "Ivan Petrov", "ivan_p"):
        assert whole not in json.dumps(audit.examples)


def test_a_report_that_is_cancelled_ends(channel: Channel) -> None:
    audit = auditing.request(workspace=channel.workspace, channels=[channel])
    auditing.cancel(audit=audit)
    assert not auditing.work(audit_id=audit.pk, seconds=1)
    assert PiiAudit.objects.get().state == "cancelled"


def test_the_command_prints_the_report(
    channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("pii", str(channel.peer_id), "--json", stdout=io.StringIO())
    told = json.loads(capsys.readouterr().out)
    assert told["with_personal_data"] == 2
    assert told["channels"][0]["phone"] == 1
